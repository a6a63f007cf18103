"""The controls in a real browser, and the built site: python .ci/browser.py controls|site [FOLDER for screenshots]

Needs chromium and chromedriver (Debian: chromium, chromium-driver), and the extras lab and browser."""
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
import json, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

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

def until(what, condition, seconds=90):
    "Wait until a condition holds, and return its value; what the page is just drawing anew does not count yet"
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            if value := condition(): return value
        except WebDriverException as error: last = f" ({type(error).__name__}: {error.msg})"
        time.sleep(.05)
    raise SystemExit(f"FAILED: {what} did not happen in {seconds} s{last}")

def free_port():
    with socket.socket() as s: s.bind(("127.0.0.1", 0)); return s.getsockname()[1]

applications = {  # module, configured class, and the address of a notebook
    "JupyterLab": ("jupyterlab", "LabApp", "lab/tree"), "Notebook 7": ("notebook", "JupyterNotebookApp", "notebooks")}

@contextmanager
def jupyter(application, folder):
    "JupyterLab or Notebook 7 on a copy of the notebooks, all cells of a notebook in the page at once"
    module, configured, path = applications[application]
    shutil.copytree(root/"nbs", folder/"nbs", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    settings = folder/"settings"/"@jupyterlab"/"notebook-extension"/"tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"windowingMode": "none"}))
    port, log = free_port(), folder/"server.log"
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(folder/"config"), "JUPYTER_DATA_DIR": str(folder/"data"),
                                "JUPYTER_RUNTIME_DIR": str(folder/"runtime"), "OMP_NUM_THREADS": "1",
                                "JUPYTERLAB_SETTINGS_DIR": str(folder/"settings"),
                                "JUPYTERLAB_WORKSPACES_DIR": str(folder/"workspaces")}
    command = [sys.executable, "-m", module, "--no-browser", "--allow-root", f"--port={port}",
               f"--ServerApp.root_dir={folder/'nbs'}", "--IdentityProvider.token=", "--ServerApp.password=",
               f"--{configured}.expose_app_in_browser=True"]
    with open(log, "w") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    def answers():
        if server.poll() is not None: raise SystemExit(f"FAILED: {application} ended")
        try: return urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2).status == 200
        except OSError: return False
    try:
        until(f"the start of {application}", answers)
        yield f"http://127.0.0.1:{port}/{path}"
    except BaseException:
        print("what the server said last:", *log.read_text().splitlines()[-15:], sep="\n  ")
        raise
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)

_cells = """const cells = window.jupyterapp?.shell.currentWidget?.content?.model?.cells
return cells ? [...cells].filter(c => c.type == 'code').map(c => ({source: c.sharedModel.getSource(),
    count: c.executionCount, outputs: c.outputs.toJSON()})) : []"""
_idle = "return window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status == 'idle'"
_ready = """const context = window.jupyterapp.shell.currentWidget.sessionContext
return context.isReady && context.session?.kernel?.connectionStatus == 'connected'"""

_control = """const cells = window.jupyterapp.shell.currentWidget.content.widgets
const cell = cells.find(w => w.model.type == 'code' && w.model.sharedModel.getSource().includes(arguments[0]))
cell.node.scrollIntoView({block: 'start'})
return cell.node.querySelector('.jp-OutputArea-output .widget-box')"""

def run_notebook(driver, address, name):
    "Open a notebook, run all its cells, and fail if there is an error"
    driver.get(f"{address}/{name}")
    until("the opening of the notebook", lambda: driver.execute_script(_cells))
    until("the start of the kernel", lambda: driver.execute_script(_ready) and driver.execute_script(_idle))
    start = time.monotonic()
    driver.execute_script("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    def ended():
        cells = [c for c in driver.execute_script(_cells) if c["source"].strip()]
        failed = any(o["output_type"] == "error" for c in cells for o in c["outputs"])
        return failed or all(c["count"] for c in cells) and driver.execute_script(_idle)
    until("the end of the notebook", ended, 300)
    cells = driver.execute_script(_cells)
    print(f"{name}: {len(cells)} cells run in {time.monotonic() - start:.0f} s")
    errors = [f"{o['ename']}: {o['evalue']}" for c in cells for o in c["outputs"] if o["output_type"] == "error"]
    if errors: raise SystemExit("FAILED: " + "\n".join(errors))

class Shown:
    "A control as it is shown on the page"
    def __init__(self, driver, code):
        "Find it below the cell that holds a piece of code"
        self.driver = driver
        self.box = until(f"the showing of {code}", lambda: driver.execute_script(_control, code))
        self.show()
        until(f"the loading of the pictures of {code}", lambda: driver.execute_script(_sized, self.box))

    def show(self): self.driver.execute_script("arguments[0].scrollIntoView({block: 'start'})", self.box)

    def named(self, label, kind):
        "The part of some kind in the field with a label"
        def find():
            for field in self.box.find_elements(By.CSS_SELECTOR, ".jupyter-widgets"):
                labels = field.find_elements(By.CSS_SELECTOR, ":scope > .widget-label")
                if labels and labels[0].text == label: return field.find_element(By.CSS_SELECTOR, kind)
        return until(f"the showing of the field {label!r}", find, 20)

    def button(self, text):
        "The button that says something"
        def find():
            buttons = self.box.find_elements(By.CSS_SELECTOR, "button.jupyter-button")
            return next((b for b in buttons if b.text.strip() == text and b.is_enabled()), None)
        return until(f"a button {text} that can be clicked", find)

    def says(self, pattern, seconds=90):
        "Wait until the control says something"
        try: until(f"the message {pattern!r}", lambda: re.search(pattern, self.box.text), seconds)
        except SystemExit as failed: raise SystemExit(f"{failed}; the control says\n{self.box.text}") from None

    def type(self, label, text, kind="input"):
        "Type into the field with a label"
        field = self.named(label, kind)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text, *[Keys.ENTER]*(kind == "input"))
        until(f"{text!r} in {label}", lambda: field.get_attribute("value") == text, 20)

    def moved(self, what, move, wait=30):
        "Do something, and return the seconds until there is a new picture, as the browser's clock has it"
        self.driver.execute_script(_watch, self.box)
        move()
        def changed(): return self.driver.execute_script("return window.changed")
        until(f"a new picture after a move of {what}", changed, wait)
        return self.driver.execute_script("return window.changed - window.moved") / 1000

    def slide(self, label, share):
        "Click on the track of a slider, at a share of its length; a little further if the page moved under it"
        for further in 0, .02, .04:
            track = self.named(label, ".noUi-base")
            at = int((share + further - .5) * track.size["width"])
            mouse = ActionChains(self.driver, duration=0).move_to_element_with_offset(track, at, 0)
            try: return self.moved(label, lambda: mouse.click().perform(), 10)
            except SystemExit:
                if further == .04: raise
                self.show()

    def choose(self, menu, number):
        "Choose an entry of a menu or list"
        found = Select(self.box.find_element(By.CSS_SELECTOR, menu))
        return self.moved(menu, lambda: found.select_by_index(number))

    def shoot(self, path):
        self.show()
        if path: self.box.screenshot(str(path))

_sized = "return [...arguments[0].querySelectorAll('img')].filter(i => i.offsetParent).every(i => i.naturalWidth > 99)"
_watch = """const box = arguments[0]
window.moved = window.changed = null
for (const kind of ['pointerdown', 'mousedown', 'change'])
    box.addEventListener(kind, () => window.moved ??= performance.now(), {capture: true, once: true})
const watcher = new MutationObserver(() => { window.changed = performance.now(); watcher.disconnect() })
watcher.observe(box, {subtree: true, attributes: true, attributeFilter: ['src']})"""

def controls(screenshots):
    "The tour runs, and all its controls do what they are for, in JupyterLab and in Notebook 7"
    for application in applications:
        with tempfile.TemporaryDirectory() as folder, jupyter(application, Path(folder)) as address:
            with chromium(1280, 1500) as driver: tour(application, driver, address, screenshots)
        screenshots = None  # one set will do
    print("controls: all well")

def tour(application, driver, address, screenshots):
    "Run the tour and try each of its controls"
    run_notebook(driver, address, "tutorials/tour_of_the_controls.ipynb")
    shown = {name: Shown(driver, code) for name, code in dict(
        task_builder="builder = TaskBuilder", sculptor="sculptor = Sculptor", detective="detective = Detective",
        study_browser="StudyBrowser(store)").items()}
    def picture(name): return screenshots and screenshots/f"{name}.png"
    for name, control in shown.items(): control.shoot(picture(name))
    try_detective(shown["detective"])
    try_sculptor(shown["sculptor"], shown["detective"], picture("sculptor_running"))
    builder, browser = shown["task_builder"], shown["study_browser"]
    builder.show()
    builder.type("outputs", "y1 = f_only &", "textarea")
    builder.says("'f_only &' is not a Boolean expression")
    print(f"task builder: new picture after {builder.choose('select', 1):.2f} s")
    builder.says("rows; share of ones")
    browser.show()
    print(f"study browser: new picture after {browser.choose('select[size]', 5):.2f} s")
    severe = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    if severe: print("console:", *severe, sep="\n  ")
    print(f"{application}: all well")

def try_detective(detective):
    "Sliders are moved, and new pictures come within half a second; where other work is going on, at the third try"
    detective.show()
    for merge in (.99, .5, .99):
        times = [detective.slide("modularity threshold", share) for share in (.3, .4, .5, .7, .9, .6, .1, .2)]
        times += [detective.slide("merge threshold", merge)]
        print("detective: new picture after", ", ".join(f"{t:.2f}" for t in times), "s")
        if sorted(times)[len(times)//2] < .5: return
    raise SystemExit("FAILED: the detective takes more than half a second")

def try_sculptor(sculptor, detective, picture):
    "It runs while the page stays alive, is cancelled, and tells what is wrong with a field"
    sculptor.show()
    print(f"sculptor: new scene after {sculptor.slide('scene', .5):.2f} s")
    sculptor.type("unit gradients %", "8, 7, 6, 5, 4, 3")
    sculptor.type("edge gradients %", "0.5, 0.4, 0.3, 0.2")
    sculptor.type("epochs", "60")
    sculptor.says("Ready: 24 searches, .* 60 epochs")  # by then the kernel knows of what was typed
    sculptor.button("Run").click()
    sculptor.says(r"round ([2-9]|\d\d)")
    sculptor.shoot(picture)
    detective.show()
    took = detective.slide("modularity threshold", .8)
    print(f"detective, while the sculptor runs: new picture after {took:.2f} s")
    sculptor.show()
    start = time.monotonic()
    sculptor.button("Cancel").click()
    sculptor.says("Cancelled after")
    print(f"sculptor: cancelled within {time.monotonic() - start:.2f} s")
    sculptor.button("Run")
    sculptor.type("hidden layers", "24, many")
    sculptor.says("hidden layers: 'many' given")

class Quiet(SimpleHTTPRequestHandler):
    "Serves files without a word"
    def log_message(self, *arguments): pass

_broken = """return [...document.images].filter(i => i.getAttribute('src') && !(i.complete && i.naturalWidth))
    .map(i => i.getAttribute('src'))"""
_unnamed = "return [...document.images].filter(i => !i.alt).map(i => i.getAttribute('src').slice(0, 60))"
_wide = "return document.documentElement.scrollWidth - window.innerWidth"
_phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}

def site(screenshots):
    "Every page of the built site loads without a word on the console; search, dark theme and a narrow page work"
    docs, problems = root/"_docs", []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(docs)))
    Thread(target=server.serve_forever, daemon=True).start()
    home, pages = f"http://127.0.0.1:{server.server_port}", sorted(docs.rglob("*.html"))
    with chromium(1280, 900) as driver:
        def visit(name):
            driver.get(f"{home}/{name}")
            until(f"the loading of {name}", lambda: driver.execute_script("return document.readyState == 'complete'"))
        def shoot(name):
            if screenshots: driver.save_screenshot(str(screenshots/f"{name}.png"))
        for page in pages:
            name = page.relative_to(docs).as_posix()
            visit(name)
            problems += [f"{name}: {entry['message']}" for entry in driver.get_log("browser")]
            problems += [f"{name}: picture {source} is broken" for source in driver.execute_script(_broken)]
            problems += [f"{name}: picture {source} has no alt text" for source in driver.execute_script(_unnamed)]
        visit("index.html")
        shoot("site_light")
        search(driver, shoot)
        visit("index.html")
        color = "return getComputedStyle(document.body).backgroundColor"
        light = driver.execute_script(color)
        until("a switch for the dark theme",
              lambda: driver.find_element(By.CSS_SELECTOR, ".quarto-color-scheme-toggle"), 10).click()
        until("the dark theme", lambda: driver.execute_script(color) != light, 10)
        for name in ("index", "detection", "tutorials/quickstart"):
            visit(f"{name}.html")
            if driver.execute_script(color) == light: problems.append(f"{name}.html forgets the dark theme")
            shoot(f"site_dark_{Path(name).name}")
        driver.execute_script("localStorage.clear()")
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _phone)
        for page in pages:
            name = page.relative_to(docs).as_posix()
            visit(name)
            over = driver.execute_script(_wide)
            if over > 8: problems.append(f"{name}: {over} pixels too wide for a phone")
            if page.stem in ("index", "sculpting", "quickstart"): shoot(f"site_phone_{page.stem}")
    server.shutdown()
    if problems: raise SystemExit("FAILED:\n" + "\n".join(problems))
    print(f"site: {len(pages)} pages, all well")

def search(driver, shoot):
    "The search finds edge pruning, and its first result leads to a page about it"
    driver.find_element(By.CSS_SELECTOR, "#quarto-search input").send_keys("edge pruning")
    def results(): return driver.find_elements(By.CSS_SELECTOR, ".smalldocs-search-results a, .aa-Panel a")
    found = until("results of the search", lambda: [a.get_attribute("href") for a in results()], 20)
    shoot("site_search")
    print("search for edge pruning:", ", ".join(link.split("/")[-1] for link in found[:5]))
    driver.get(found[0])
    text = until("the page that was found", lambda: driver.find_element(By.TAG_NAME, "main").text, 20).lower()
    if "edge pruning" not in text: raise SystemExit(f"FAILED: {found[0]} says nothing of edge pruning")

if __name__ == "__main__":
    where = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if where: where.mkdir(parents=True, exist_ok=True)
    {"controls": controls, "site": site}[sys.argv[1]](where)
