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
            with chromium(1280, 1500) as driver:
                tour(application, driver, address, screenshots)
                viewed(application, driver, address, Path(folder)/"nbs"/"viewed.ipynb", screenshots)
        screenshots = None  # one set will do
    print("controls: all well")

_viewers = "const shown = [...document.querySelectorAll('[data-theme]')].map(e => e.viewer).filter(v => v);"

def touch(driver, place=0):
    "Go to each step and cut there, cut a module, see outputs go wrong, and restore, in one of the viewers on a page"
    def ask(code): return driver.execute_script(f"{_viewers} const viewer = shown[{place}]; return {code}")
    until("a viewer on the page", lambda: ask("viewer !== undefined"), 30)
    def said(): return ask("viewer.root.querySelector('.result').textContent")
    def wrong():
        "How many outputs it says are wrong"
        found = re.fullmatch("✓ all .* right|✗ ([0-9]+) of .* wrong", said())
        if not found: raise SystemExit(f"FAILED: a viewer says {said()!r}")
        return int(found[1] or 0)
    ask("viewer.restoreAll()")
    for step in range(ask("viewer.network.steps.length")):
        ask(f"(viewer.go({step}, false), viewer.step)")
        before = wrong()
        ask("viewer.cut({unit: `${viewer.arch.length - 1},0`})")
        until("a cut output going wrong", lambda: wrong() != before, 20)
        ask("viewer.restoreAll()")
        if wrong() != before: raise SystemExit("FAILED: a viewer does not restore what was cut")
    ask("viewer.root.querySelector('.chip').click()")
    ask("viewer.root.querySelector('.card button').click()")
    until("a cut module making outputs wrong", lambda: wrong() > before, 20)
    ask("viewer.root.querySelector('.restore').click()")
    until("what was before", lambda: wrong() == before, 20)

_code = ["from neural_sculpting.pictures.viewer import load_view", "shown = load_view('images/network.json')",
         "widget = shown.widget()", "widget"]

def viewed(application, driver, address, path, screenshots):
    "The viewer in Jupyter, as a widget, which hears from Python what is cut, and as a part of the page"
    cells = [dict(cell_type="code", id=f"cell-{i}", metadata={}, outputs=[], execution_count=None, source=text)
             for i, text in enumerate(("\n".join(_code), "shown", "widget.cuts = ['0,0']"))]
    kernel = dict(name="python3", language="python", display_name="python3")
    path.write_text(json.dumps(dict(cells=cells, metadata=dict(kernelspec=kernel), nbformat=4, nbformat_minor=5)))
    run_notebook(driver, address, path.name)
    until("two viewers", lambda: driver.execute_script(f"{_viewers} return shown.length == 2"), 30)
    until("the cut from Python", lambda: driver.execute_script(f"{_viewers} return `${{[...shown[0].cuts]}}` == '0,0'"), 20)
    for place in range(2): touch(driver, place)
    if screenshots: driver.save_screenshot(str(screenshots/"viewer.png"))
    print(f"{application}: the viewer, all well")

def tour(application, driver, address, screenshots):
    "Run the tour and try each of its controls"
    run_notebook(driver, address, "tutorials/tour_of_the_controls.ipynb")
    shown = {name: Shown(driver, code) for name, code in dict(
        task_builder="builder = TaskBuilder", sculptor="sculptor = Sculptor", detective="detective = Detective",
        study_browser="StudyBrowser(store)", game="GuessTheHierarchy(").items()}
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
    game = shown["game"]
    game.show()
    game.says("Which inputs belong together")
    print(f"game: new picture after {game.moved('See it', lambda: game.button('See it').click()):.2f} s")
    game.says("pairs of inputs are right")
    severe = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    if severe: print("console:", *severe, sep="\n  ")
    print(f"{application}: all well")

def try_detective(detective):
    "Modules are told, sliders moved, and new pictures come within half a second; with other work going on, at the third try"
    detective.show()
    detective.says("as predicted")
    detective.says("all 256")
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
    sculptor.type("epochs", "3000")  # long enough to be cancelled, on any machine
    sculptor.says("Ready: 30 searches, .* 3000 epochs")  # by then the kernel knows of what was typed
    sculptor.button("Run").click()
    sculptor.says(r"Pruning \w+: \d+ tries")
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

with_viewers = ("quickstart", "one_network_slowly", "what_is_hidden", "reuse_overlap_depth", "reading_the_hierarchy",
                "how_sure", "proof_against_pictures", "the_paper_from_scratch", "your_own_data", "sculpting_digits",
                "tour_of_the_controls")

class Quiet(SimpleHTTPRequestHandler):
    "Serves files without a word"
    def log_message(self, *arguments): pass

_broken = """return [...document.images].filter(i => i.getAttribute('src') && !(i.complete && i.naturalWidth))
    .map(i => i.getAttribute('src'))"""
_unnamed = "return [...document.images].filter(i => !i.alt).map(i => i.getAttribute('src').slice(0, 60))"
_wide = "return document.documentElement.scrollWidth - window.innerWidth"
_elsewhere = """return performance.getEntriesByType('resource').map(e => e.name)
    .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:') && !name.startsWith('blob:'))"""
_cut = """return [...document.querySelectorAll('main pre')].filter(p => p.scrollWidth > p.clientWidth + 1)
    .map(p => p.textContent.trim().slice(0, 60))"""
_color = "return getComputedStyle(document.body).backgroundColor"
_light = "const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return (.3*r + .6*g + .1*b) / 255 };"
_pale = _light + """return [...document.querySelectorAll('main p, main code, main td')].slice(0, 400).filter(e => {
    let behind = e, color
    while (behind && /, 0\\)|transparent/.test(color = getComputedStyle(behind).backgroundColor)) behind = behind.parentElement
    if (/rgba/.test(color)) color = getComputedStyle(document.body).backgroundColor
    return e.textContent.trim() && Math.abs(light(getComputedStyle(e).color) - light(color)) < .25
}).map(e => e.textContent.trim().slice(0, 60))"""
_faint_icon = _light + """return [...document.querySelectorAll('.smalldocs-search > .bi-search, .aa-DetachedSearchButtonIcon')].filter(icon => {
    let behind = icon.parentElement.querySelector('input') || icon, color
    while (behind && /, 0\\)|transparent/.test(color = getComputedStyle(behind).backgroundColor)) behind = behind.parentElement
    return Math.abs(light(getComputedStyle(icon).color) - light(color)) < .3
}).map(icon => icon.getAttribute('class'))"""
_slabs = """return [...document.querySelectorAll('main img')].filter(image => {
    if (!image.naturalWidth || getComputedStyle(image).filter != 'none') return false
    const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1}), context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data
    return a > 200 && Math.min(r, g, b) > 180
}).map(image => image.alt.slice(0, 60))"""
_phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}

class Site:
    "The built site, served, and what is found wrong with it"
    def __init__(self, driver, screenshots):
        self.driver, self.screenshots, self.docs, self.problems = driver, screenshots, root/"_docs", []
        self.viewers = []
        self.pages = [page.relative_to(self.docs).as_posix() for page in sorted(self.docs.rglob("*.html"))]
        if "index.html" not in self.pages or not (self.docs/"llms.txt").exists():   # which is written last
            raise SystemExit("FAILED: _docs holds no whole site; python .ci/docs.py builds it, and says what is wrong")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(self.docs)))
        Thread(target=self.server.serve_forever, daemon=True).start()

    def visit(self, name):
        "Open a page, and wait until all of it is there"
        self.driver.get(f"http://127.0.0.1:{self.server.server_port}/{name}")
        until(f"the loading of {name}", lambda: self.ask("return document.readyState == 'complete'"))

    def ask(self, code): return self.driver.execute_script(code)

    def note(self, name, text, found=()): self.problems += [f"{name}: {text.format(one)}" for one in found]

    def shoot(self, name):
        if self.screenshots: self.driver.save_screenshot(str(self.screenshots/f"{name}.png"))

    def sizes(self, name):
        "What a page takes to be shown: kilobytes, and milliseconds until something is to be seen"
        return self.ask("""const entries = [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]
            const painted = performance.getEntriesByName('first-contentful-paint')[0]
            return [entries.reduce((sum, e) => sum + e.encodedBodySize, 0) / 1000, painted ? painted.startTime : 0]""")

def site(screenshots):
    "Every page of the built site loads without a word on the console; search, both themes and a narrow page work"
    with chromium(1440, 900) as driver:
        found = Site(driver, screenshots)
        for name in found.pages:
            found.visit(name)
            found.note(name, "{}", [entry["message"] for entry in driver.get_log("browser")])
            found.note(name, "picture {} is broken", found.ask(_broken))
            found.note(name, "picture {} has no alt text", found.ask(_unnamed))
            found.note(name, "asks another host: {}", found.ask(_elsewhere))
            found.note(name, "this code is cut: {}", found.ask(_cut)[:3])
            for place in range(found.ask(f"{_viewers} return shown.length")):
                touch(driver, place)
                found.viewers.append(name)
        offered(found)
        landing(found)
        wide(found)
        search(found)
        dark(found)
        phone(found)
        found.server.shutdown()
    if found.problems: raise SystemExit("FAILED:\n" + "\n".join(found.problems))
    print(f"site: {len(found.pages)} pages, {len(found.viewers)} viewers touched, all well")

def wide(found):
    "On a wide screen no line of code is cut"
    found.driver.set_window_size(1920, 1000)
    for name in found.pages:
        found.visit(name)
        found.note(name, "this code is cut: {}", found.ask(_cut)[:3])
    found.driver.set_window_size(1440, 900)

def offered(found):
    "The tutorials that sculpt a network for a truth table let it be touched"
    there = {Path(name).stem for name in found.viewers if name.startswith("tutorials/")}
    found.note("tutorials", "no viewer in {}", sorted({*with_viewers} - there))

def landing(found):
    "The first page is small and soon to be seen, and its network can be touched"
    found.visit("index.html")
    found.shoot("site_light")
    touch(found.driver)
    kilobytes, milliseconds = found.sizes("index.html")
    print(f"landing page: {kilobytes:.0f} kB in all, first painted after {milliseconds:.0f} ms")
    if kilobytes > 1500: found.note("index.html", "takes {:.0f} kB, more than 1500", [kilobytes])
    touch(found.driver)

def dark(found):
    "The dark theme stays from page to page, and what is written can be read"
    found.visit("index.html")
    light = found.ask(_color)
    toggle = until("a switch for the dark theme",
                   lambda: found.driver.find_element(By.CSS_SELECTOR, ".quarto-color-scheme-toggle"), 10)
    toggle.click()
    until("the dark theme", lambda: found.ask(_color) != light, 10)
    for name in found.pages:
        found.visit(name)
        if found.ask(_color) == light: found.note(name, "{}", ["forgets the dark theme"])
        found.note(name, "can hardly be read in the dark theme: {}", found.ask(_pale)[:3])
        found.note(name, "a white picture in the dark theme: {}", found.ask(_slabs))
        found.note(name, "an icon that can hardly be seen in the dark theme: {}", found.ask(_faint_icon))
        if name in ("index.html", "detection.html", "tutorials/quickstart.html"):
            found.shoot(f"site_dark_{Path(name).stem}")
    found.ask("localStorage.clear()")

def phone(found):
    "No page is wider than a phone, and its pictures can be enlarged"
    found.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _phone)
    for name in found.pages:
        found.visit(name)
        if (over := found.ask(_wide)) > 8: found.note(name, "{} pixels too wide for a phone", [over])
        if Path(name).stem in ("index", "sculpting", "quickstart"): found.shoot(f"site_phone_{Path(name).stem}")
    found.visit("tutorials/quickstart.html")
    until("a picture to be enlarged", lambda: found.ask("return document.querySelector('.enlargeable')"), 10)
    found.ask("document.querySelector('.enlargeable').click()")
    until("the picture in its own size", lambda: found.ask("return document.querySelector('dialog.enlarged[open] img')"), 10)

def search(found):
    "The search finds edge pruning, and its first result leads to a page about it; Quarto keeps it behind a button"
    driver = found.driver
    found.visit("index.html")
    buttons = driver.find_elements(By.CSS_SELECTOR, "#quarto-search button.aa-DetachedSearchButton")
    if buttons: buttons[0].click()
    fields = "#quarto-search input, .aa-DetachedOverlay input, .aa-Input"
    field = until("a field to search in", lambda: next(f for f in driver.find_elements(By.CSS_SELECTOR, fields) if f.is_displayed()), 20)
    field.send_keys("edge pruning")
    def results(): return driver.find_elements(By.CSS_SELECTOR, ".smalldocs-search-results a, .aa-Panel a, .aa-DetachedContainer a")
    links = until("results of the search", lambda: [a.get_attribute("href") for a in results()], 20)
    found.shoot("site_search")
    print("search for edge pruning:", ", ".join(link.split("/")[-1] for link in links[:5]))
    driver.get(links[0])
    text = until("the page that was found", lambda: driver.find_element(By.TAG_NAME, "main").text, 20).lower()
    if "edge pruning" not in text: raise SystemExit(f"FAILED: {links[0]} says nothing of edge pruning")

if __name__ == "__main__":
    where = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if where: where.mkdir(parents=True, exist_ok=True)
    {"controls": controls, "site": site}[sys.argv[1]](where)
