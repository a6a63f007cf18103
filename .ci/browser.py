"""The controls in a real browser, and the built site: python .ci/browser.py controls|site [FOLDER for screenshots]

Needs chromium and chromedriver (Debian: chromium, chromium-driver), selenium and jupyterlab."""
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
import json, os, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

root = Path(__file__).resolve().parent.parent

@contextmanager
def chromium(width=1280, height=1000):
    "A headless Chromium that takes down what its console says"
    options = webdriver.ChromeOptions()
    for flag in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu", f"window-size={width},{height}"):
        options.add_argument(f"--{flag}")
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try: yield driver
    except BaseException:
        driver.save_screenshot(str(Path(tempfile.gettempdir())/"browser-failed.png"))
        raise
    finally: driver.quit()

def until(what, condition, seconds=60):
    "Wait until a condition holds, and return its value"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition(): return value
        time.sleep(.05)
    raise SystemExit(f"FAILED: {what} did not happen in {seconds} s; see {tempfile.gettempdir()}/browser-failed.png")

def free_port():
    with socket.socket() as s: s.bind(("127.0.0.1", 0)); return s.getsockname()[1]

@contextmanager
def jupyterlab(folder):
    "JupyterLab on a copy of the notebooks, all cells of a notebook in the page at once"
    shutil.copytree(root/"nbs", folder/"nbs", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    settings = folder/"settings"/"@jupyterlab"/"notebook-extension"/"tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"windowingMode": "none"}))
    port = free_port()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]),
                                "JUPYTER_CONFIG_DIR": str(folder/"config"), "JUPYTER_DATA_DIR": str(folder/"data"),
                                "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
               f"--ServerApp.root_dir={folder/'nbs'}", "--IdentityProvider.token=", "--ServerApp.password=",
               "--LabApp.expose_app_in_browser=True", f"--LabApp.user_settings_dir={folder/'settings'}",
               f"--LabApp.workspaces_dir={folder/'workspaces'}"]
    with open(folder/"lab.log", "w") as log:
        lab = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            def answers():
                if lab.poll() is not None: raise SystemExit(f"FAILED: JupyterLab ended\n{(folder/'lab.log').read_text()}")
                try: return urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2).status == 200
                except OSError: return False
            until("the start of JupyterLab", answers)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(lab.pid, signal.SIGTERM)
            lab.wait(20)

_cells = """const cells = window.jupyterapp.shell.currentWidget?.content?.model?.cells
return cells ? [...cells].filter(c => c.type == 'code').map(c => ({source: c.sharedModel.getSource(),
    count: c.executionCount, outputs: c.outputs.toJSON()})) : null"""

def run_notebook(driver, address, name):
    "Open a notebook in JupyterLab, run all its cells, and return the texts of errors"
    driver.get(f"{address}/lab/tree/{name}")
    until("the opening of the notebook", lambda: driver.execute_script(f"return window.jupyterapp && (() => {{{_cells}}})()"))
    until("the start of the kernel", lambda: driver.execute_script(
        "return window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status == 'idle'"))
    start = time.monotonic()
    driver.execute_script("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    def ended():
        cells = [c for c in driver.execute_script(_cells) if c["source"].strip()]
        failed = any(o["output_type"] == "error" for c in cells for o in c["outputs"])
        return failed or all(c["count"] for c in cells)
    until("the end of the notebook", ended, 240)
    cells = driver.execute_script(_cells)
    print(f"{name}: {len(cells)} cells run in {time.monotonic() - start:.0f} s")
    return [o["ename"] + ": " + o["evalue"] for c in cells for o in c["outputs"] if o["output_type"] == "error"]

class Shown:
    "A control as it is shown on the page"
    def __init__(self, driver, code):
        "Find it below the cell that holds a piece of code"
        self.driver = driver
        def find():
            for cell in driver.find_elements(By.CSS_SELECTOR, ".jp-CodeCell"):
                if code in driver.execute_script("return arguments[0].querySelector('.cm-content').innerText", cell):
                    found = cell.find_elements(By.CSS_SELECTOR, ".jp-OutputArea-output .widget-box")
                    if found: return found[0]
        self.box = until(f"the showing of {code}", find)
        self.show(self.box)

    def show(self, element):
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'start'})", element)
        return element

    def named(self, label, kind):
        "The part of some kind in the field with a label"
        for field in self.box.find_elements(By.CSS_SELECTOR, ".jupyter-widgets"):
            labels = field.find_elements(By.CSS_SELECTOR, ":scope > .widget-label")
            if labels and labels[0].text == label: return field.find_element(By.CSS_SELECTOR, kind)
        raise SystemExit(f"FAILED: no field {label!r}")

    def button(self, text):
        return next(b for b in self.box.find_elements(By.CSS_SELECTOR, "button.jupyter-button") if b.text.strip() == text)

    def text(self): return self.box.text
    def type(self, label, text):
        field = self.named(label, "input")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text, Keys.ENTER)

_watch = """const [box, slider] = arguments
window.pressed = window.changed = null
slider.addEventListener('keydown', () => window.pressed = performance.now(), {capture: true, once: true})
const watcher = new MutationObserver(() => { window.changed = performance.now(); watcher.disconnect() })
watcher.observe(box, {subtree: true, attributes: true, attributeFilter: ['src']})"""

def move_slider(control, label, key):
    "Press a key on a slider, and return the seconds from there to the new picture, as the browser's clock has it"
    handle = control.named(label, ".noUi-handle")
    control.driver.execute_script(_watch, control.box, handle)
    handle.send_keys(key)
    until(f"a new picture after a move of {label}", lambda: control.driver.execute_script("return window.changed"), 20)
    return control.driver.execute_script("return window.changed - window.pressed") / 1000

def loaded(control):
    "Wait until all pictures of a control are there and have a size"
    until("the loading of the pictures", lambda: control.driver.execute_script(
        "return [...arguments[0].querySelectorAll('img')].filter(i => i.offsetParent).every(i => i.naturalWidth > 99)",
        control.box))

def controls(screenshots):
    "JupyterLab runs the tour; the detective follows its slider; the sculptor runs and is cancelled"
    with tempfile.TemporaryDirectory() as folder, jupyterlab(Path(folder)) as address, chromium(1280, 1500) as driver:
        errors = run_notebook(driver, address, "tutorials/tour_of_the_controls.ipynb")
        if errors: raise SystemExit("FAILED: " + "\n".join(errors))
        shown = {name: Shown(driver, code) for name, code in dict(
            task_builder="builder = TaskBuilder", sculptor="sculptor = Sculptor", detective="detective = Detective",
            study_browser="StudyBrowser(store)").items()}
        for name, control in shown.items():
            control.show(control.box)
            loaded(control)
            if screenshots: control.box.screenshot(str(screenshots/f"{name}.png"))
        detective, sculptor = shown["detective"], shown["sculptor"]
        detective.show(detective.box)
        times = [move_slider(detective, "modularity threshold", key) for key in [Keys.ARROW_RIGHT]*3 + [Keys.ARROW_LEFT]*3]
        times += [move_slider(detective, "merge threshold", Keys.END)]
        print("detective: new picture after", ", ".join(f"{t:.2f}" for t in times), "s")
        if sorted(times)[len(times)//2] > .5: raise SystemExit("FAILED: the detective takes more than half a second")
        sculptor.show(sculptor.box)
        print(f"sculptor: new scene after {move_slider(sculptor, 'scene', Keys.ARROW_LEFT):.2f} s")
        sculptor.type("unit gradients %", "8, 7, 6, 5, 4, 3")
        sculptor.type("edge gradients %", "0.5, 0.4, 0.3, 0.2")
        sculptor.type("epochs", "60")
        sculptor.button("Run").click()
        until("the first rounds", lambda: "round 2," in sculptor.text() or "round 3," in sculptor.text())
        if screenshots: sculptor.box.screenshot(str(screenshots/"sculptor_running.png"))
        detective.show(detective.box)
        took = move_slider(detective, "modularity threshold", Keys.ARROW_RIGHT)
        print(f"detective, while the sculptor runs: new picture after {took:.2f} s")
        sculptor.show(sculptor.box)
        start = time.monotonic()
        sculptor.button("Cancel").click()
        until("the end of the cancelled run", lambda: "Cancelled after" in sculptor.text())
        print(f"sculptor: cancelled within {time.monotonic() - start:.2f} s")
        until("a button Run that can be clicked", lambda: sculptor.button("Run").is_enabled())
        sculptor.type("hidden layers", "24, many")
        sculptor.button("Run").click()
        until("a message in words", lambda: "hidden layers: 'many' given" in sculptor.text())
        serious = [e["message"] for e in driver.get_log("browser") if e["level"] == "SEVERE" and "favicon" not in e["message"]]
        if serious: print("console:", *serious, sep="\n  ")
    print("controls: all well")

class Quiet(SimpleHTTPRequestHandler):
    "Serves files without a word"
    def log_message(self, *arguments): pass

_broken = """return [...document.images].filter(i => i.getAttribute('src') && !(i.complete && i.naturalWidth))
    .map(i => i.getAttribute('src'))"""
_unnamed = "return [...document.images].filter(i => !i.alt).map(i => i.getAttribute('src').slice(0, 60))"
_wide = "return document.documentElement.scrollWidth - window.innerWidth"

def site(screenshots):
    "Every page of the built site loads without a word on the console; search, dark theme and a narrow page work"
    docs, problems, unreachable = root/"_docs", [], set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(docs)))
    Thread(target=server.serve_forever, daemon=True).start()
    home, pages = f"http://127.0.0.1:{server.server_port}", sorted(docs.rglob("*.html"))
    def shoot(driver, name):
        if screenshots: driver.save_screenshot(str(screenshots/f"{name}.png"))
    with chromium(1280, 900) as driver:
        for page in pages:
            name = page.relative_to(docs).as_posix()
            driver.get(f"{home}/{name}")
            until(f"the loading of {name}", lambda: driver.execute_script("return document.readyState == 'complete'"))
            said = [e["message"] for e in driver.get_log("browser") if "favicon" not in e["message"]]
            away = {m.split(" ")[0] for m in said if not m.startswith(home) and "ERR_NAME_NOT_RESOLVED" in m}
            unreachable |= away
            problems += [f"{name}: {m}" for m in said if m.split(" ")[0] not in away]
            problems += [f"{name}: picture {source} is broken" for source in driver.execute_script(_broken)]
            problems += [f"{name}: picture {source} has no alt text" for source in driver.execute_script(_unnamed)]
        driver.get(f"{home}/index.html")
        shoot(driver, "site_light")
        field = driver.find_element(By.CSS_SELECTOR, "#quarto-search input")
        field.send_keys("edge pruning")
        found = until("results of the search", lambda: driver.find_elements(
            By.CSS_SELECTOR, ".smalldocs-search-results a, .aa-Panel a"), 10)
        print("search for edge pruning:", ", ".join(a.get_attribute("href").split("/")[-1] for a in found[:5]))
        shoot(driver, "site_search")
        color = "return getComputedStyle(document.body).backgroundColor"
        light, switch = driver.execute_script(color), driver.find_elements(By.CSS_SELECTOR, ".quarto-color-scheme-toggle")
        if not switch: problems.append("there is no switch for the dark theme")
        else:
            driver.get(f"{home}/index.html")
            driver.find_element(By.CSS_SELECTOR, ".quarto-color-scheme-toggle").click()
            until("the dark theme", lambda: driver.execute_script(color) != light, 10)
            shoot(driver, "site_dark")
    with chromium(500, 900) as driver:
        for name in ("index.html", "sculpting.html"):
            driver.get(f"{home}/{name}")
            if (over := driver.execute_script(_wide)) > 8: problems.append(f"{name}: {over} pixels too wide for a phone")
            shoot(driver, f"site_phone_{Path(name).stem}")
    server.shutdown()
    if unreachable: print("not reachable from here:", *sorted(unreachable), sep="\n  ")
    if problems: raise SystemExit("FAILED:\n" + "\n".join(problems))
    print(f"site: {len(pages)} pages, all well")

if __name__ == "__main__":
    where = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if where: where.mkdir(parents=True, exist_ok=True)
    {"controls": controls, "site": site}[sys.argv[1]](where)
