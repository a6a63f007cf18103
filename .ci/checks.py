"""Checks of the project as a whole, one per command: python .ci/checks.py NAME [arguments]"""
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
import csv, importlib, importlib.util, inspect, json, pkgutil, re, resource, subprocess, sys, time

from house import cells, cells_of, house, imports

root = Path(__file__).resolve().parent.parent
package = "neural_sculpting"

def modules():
    "All modules of the installed package"
    found = importlib.import_module(package)
    names = [m.name for m in pkgutil.walk_packages(found.__path__, f"{package}.") if not m.ispkg and "._" not in m.name]
    return [importlib.import_module(name) for name in names]

def notebooks():
    "Notebooks are small, have stable ids, open with a title and a line, hold no error, and their modules are indexed"
    index = importlib.import_module(f"{package}._modidx").d["syms"]
    for module in modules():
        if module.__name__ not in index: yield f"{module.__name__} does not stand in _modidx.py"
    for path in sorted((root/"nbs").rglob("*.ipynb")):
        name, notebook = path.relative_to(root), json.loads(path.read_text(encoding="utf-8"))
        cells = notebook["cells"]
        if path.stat().st_size > 1_000_000: yield f"{name}: {path.stat().st_size/1e6:.1f} MB, more than 1 MB"
        if notebook["nbformat_minor"] < 5 or not all("id" in c for c in cells): yield f"{name}: cells without ids"
        if not re.fullmatch(r"# .+\n\n> .+\n?", "".join(cells[0]["source"])):
            yield f"{name}: the first cell is not a title and one '> ' line"
        for number, cell in enumerate(cells):
            if any(o["output_type"] == "error" for o in cell.get("outputs", [])): yield f"{name}: cell {number} failed"
            if found := of_this_machine(cell): yield f"{name}: cell {number} shows {found!r}"
        exported = re.search(r"^#\| *default_exp ([\w.]+)", "\n".join("".join(c["source"]) for c in cells), re.M)
        if not exported: continue
        yield from (f"{name}: cell {number} holds imports and more; it is run when the docs are built" for number in mixed(path))
        if f"{package}.{exported[1]}" not in index: yield f"{name}: {exported[1]} is not in _modidx.py"
        page = re.sub(r"\b\d+_", "", path.relative_to(root/"nbs").with_suffix("").as_posix()).replace("/", ".")
        if page != exported[1]: yield f"{name}: its page would be {page}, its module is {exported[1]}"

def mixed(path):
    "Cells not exported that import something and do more"
    for cell in cells_of(path):
        imported = any(isinstance(node, imports) for node in cell.tree.body)
        if imported and not cell.only_imports and not cell.exported: yield cell.number

def of_this_machine(cell):
    "What an output shows that is of no use elsewhere: paths and addresses of one machine, controls as text, warnings"
    outputs = cell.get("outputs", [])
    shown = [text for o in outputs for text in [o.get("text"), o.get("data", {}).get("text/plain")] if text]
    if any(o.get("name") == "stderr" for o in outputs): return "a warning"
    if any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs): return "a control"
    found = re.search(r"\(children=\(|/tmp/\w*|/root/|/home/|site-packages|\bat 0x[0-9a-f]{6}", "\n".join(map("".join, shown)))
    return found and found[0]

def public():
    "Module, label and object of every public name, and of the public methods and properties of public classes"
    for there in modules():
        for name in there.__all__:
            module, named = there, getattr(there, name)
            home = getattr(named, "__module__", None) or module.__name__  # some names are passed on
            if home.startswith(package) and name in importlib.import_module(home).__all__: module = importlib.import_module(home)
            yield module, name, named
            for key, told in vars(named).items() if inspect.isclass(named) else ():
                member = inspect.unwrap(getattr(told, "fget", None) or getattr(told, "__func__", told))
                if isinstance(told, property): member.__doc__ = told.__doc__
                if not key.startswith("_") and inspect.isfunction(member):
                    yield importlib.import_module(member.__module__), f"{name}.{key}", member

def parameters(member):
    "The parameters of a function or class, each with its comment"
    from fastcore.docments import docments
    if not (inspect.isclass(member) or inspect.isfunction(member)): return {}
    if inspect.isclass(member) and not {"__init__", "__dataclass_fields__"} & set(vars(member)): return {}
    comments = docments(inspect.unwrap(member), args_kwargs=True)
    return {name: comment for name, comment in comments.items() if name not in ("self", "cls", "return")}

def sources():
    "What is handed to the renderer is in order"
    from sources import sources as found
    return found()

def documented():
    "Every public function, class, method and property has a docstring, and every parameter a comment"
    for module, label, member in public():
        if callable(member) and not inspect.getdoc(member): yield f"{module.__name__}.{label}: no docstring"
        for name, comment in parameters(member).items() if inspect.getmodule(member) is module else ():
            if not comment: yield f"{module.__name__}.{label}: no comment on {name}"

def reference():
    "Every public name stands on the page of its module, functions, classes and methods with all their parameters"
    names = 0
    for module, label, member in public():
        path = root/"_docs"/(module.__name__.removeprefix(f"{package}.").replace(".", "/") + ".html")
        if not path.exists(): yield f"there is no page {path.relative_to(root)}"
        elif inspect.getmodule(member) is module and (inspect.isclass(member) or inspect.isfunction(member)):
            if label.lower() not in page_of(path).anchors: yield f"{path.name}: no entry for {label}"
            for name, comment in parameters(member).items():
                told = name in page_of(path).text and plain(comment or "") in page_of(path).text
                if not told: yield f"{path.name}: {label}: nothing on {name}"
        elif label not in page_of(path).text: yield f"{path.name}: nothing on {label}"
        names += 1
    print(f"{names} public names")

def plain(text):
    "A text without what renderers change: spaces, marks of code, curled quotes"
    for curled, straight in ("`", ""), ("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("…", "..."):
        text = text.replace(curled, straight)
    return "".join(text.split())

class Page(HTMLParser):
    "The links out of a page, the anchors in it, and its text"
    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.text = [], {"", "top"}, ""
        self.feed(path.read_text(encoding="utf-8"))
        self.text = plain(self.text)
    def handle_data(self, data): self.text += data
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes[k] for k in ("id", "name") if attributes.get(k)}
        self.links += [attributes[k] for k in ("href", "src") if attributes.get(k)]

@cache
def page_of(path): return Page(path)

def links():
    "Every link and image within the site and in the README leads somewhere"
    from nbdev.config import get_config
    site, config = root/"_docs", get_config()
    pages = {path: page_of(path) for path in site.rglob("*.html")}
    home = f"{config.doc_host}{config.doc_baseurl}"
    if not pages: yield "_docs holds no page"
    for path, page in pages.items():
        for link in page.links:
            if link == home or link.startswith(f"{home}/"): target, base = link[len(home):].lstrip("/"), site
            else: target, base = link, path.parent
            parts = urlsplit(target)
            if parts.scheme or parts.netloc: continue
            goal = (base/unquote(parts.path)).resolve() if parts.path else path
            if goal.is_dir(): goal = goal/"index.html"
            if not goal.exists(): yield f"{path.relative_to(root)}: {link} leads nowhere"
            elif goal in pages and unquote(parts.fragment) not in pages[goal].anchors:
                yield f"{path.relative_to(root)}: {link} has no such anchor"
    for link in re.findall(r"\]\(([^)\s]+)\)", (root/"README.md").read_text(encoding="utf-8")):
        if not urlsplit(link).scheme and not (root/link.split("#")[0]).exists(): yield f"README.md: {link} leads nowhere"

def tutorials():
    "What the tutorials import is there without the development tools"
    for path in sorted((root/"nbs"/"tutorials").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        named = re.findall(r"^(?:from|import) +(\w+)", text, re.M)
        for name in dict.fromkeys(named):
            if not importlib.util.find_spec(name): yield f"{path.name} imports {name}, which is not installed"
    yield from development_tools()

def development_tools():
    for tool in ("nbdev", "execnb", "hypothesis", "smalldocs", "pypandoc"):
        if importlib.util.find_spec(tool): yield f"{tool} is installed, so this environment shows nothing"

def wheel():
    "The installed wheel brings all modules and data files, works without the development tools, and runs"
    found = Path(importlib.import_module(package).__file__).parent
    if root in found.parents: yield f"{package} is imported from the source tree, not from the wheel"
    names = {m.__name__ for m in modules()}
    for path in (root/package).rglob("*"):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        if path.suffix == ".py" and not path.name.startswith("_") and name not in names: yield f"no module {name}"
        if path.suffix == ".csv" and not (found/path.relative_to(root/package)).exists(): yield f"no file {path.name}"
    yield from development_tools()

def job(folder):
    "The main job left figures, networks and a table, and the hierarchy was recovered: four networks are a draw"
    folder = Path(folder)
    for pattern in ("*.png", "*.svg", "*.safetensors", "*.csv"):
        if not list(folder.glob(pattern)): yield f"{folder} holds no {pattern}"
    rows = [row for table in folder.glob("*.csv") for row in csv.DictReader(table.open(encoding="utf-8"))]
    chosen = [row for row in rows if row["chosen"] == "True"]
    recovered = [row for row in chosen if row["success"] == "True"]
    print(f"{len(rows)} networks, {len(chosen)} seeds, hierarchy recovered for {len(recovered)}")
    if len(rows) < 4*14*5: yield f"only {len(rows)} networks in the table"
    if not recovered: yield "the hierarchy was not recovered once; how often it is stands in the quickstart"

def budget(seconds, gigabytes, *command):
    "The command ends well within so many seconds and so much memory"
    start = time.monotonic()
    code = subprocess.run(command).returncode
    took, peak = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024**2
    print(f"{took:.1f} s, {peak:.2f} GB at most: {' '.join(command)}")
    if code: yield f"ended with exit code {code}"
    if took > float(seconds): yield f"took {took:.1f} s, more than {seconds} s"
    if peak > float(gigabytes): yield f"took {peak:.2f} GB, more than {gigabytes} GB"

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    known = {c.__name__: c for c in (notebooks, house, cells, documented, sources, reference, links, tutorials, wheel, job, budget)}
    found = list(known[name](*arguments))
    print("\n".join(found) if found else f"{name}: all well")
    sys.exit(bool(found))
