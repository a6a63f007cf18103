"""Checks of the project as a whole, one per command: python .ci/checks.py NAME [arguments]"""
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
import csv, importlib, inspect, json, pkgutil, re, resource, subprocess, sys, time

root = Path(__file__).resolve().parent.parent
package = "neural_sculpting"

def modules():
    "All modules of the installed package"
    found = importlib.import_module(package)
    names = [m.name for m in pkgutil.iter_modules(found.__path__) if not m.name.startswith("_")]
    return [importlib.import_module(f"{package}.{name}") for name in names]

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
        exported = re.search(r"^#\| *default_exp (\w+)", "\n".join("".join(c["source"]) for c in cells), re.M)
        if exported and f"{package}.{exported[1]}" not in index: yield f"{name}: {exported[1]} is not in _modidx.py"

def documented():
    "Every public function, class and method has a docstring, and every parameter a comment"
    from fastcore.docments import docments
    for module in modules():
        for name in module.__all__:
            public = getattr(module, name)
            if not callable(public): continue
            members = [(name, public)]
            if inspect.isclass(public):
                members += [(f"{name}.{k}", v) for k, v in vars(public).items()
                            if not k.startswith("_") and inspect.isfunction(inspect.unwrap(getattr(v, "__func__", v)))]
            for label, member in members:
                if not inspect.getdoc(member): yield f"{module.__name__}.{label}: no docstring"
                if inspect.isclass(member) and not {"__init__", "__dataclass_fields__"} & set(vars(member)): continue
                comments = docments(inspect.unwrap(getattr(member, "__func__", member)), args_kwargs=True)
                for parameter, comment in comments.items():
                    if not comment and parameter not in ("self", "cls", "return"):
                        yield f"{module.__name__}.{label}: no comment on {parameter}"

class Page(HTMLParser):
    "The links out of a page and the anchors in it"
    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], {"", "top"}
        self.feed(path.read_text(encoding="utf-8"))
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes[k] for k in ("id", "name") if attributes.get(k)}
        self.links += [attributes[k] for k in ("href", "src") if attributes.get(k)]

def links():
    "Every link and image within the site and in the README leads somewhere"
    from nbdev.config import get_config
    site, config = root/"_docs", get_config()
    pages = {path: Page(path) for path in site.rglob("*.html")}
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

def wheel():
    "The installed wheel brings all modules and data files, works without the development tools, and runs"
    found = Path(importlib.import_module(package).__file__).parent
    if root in found.parents: yield f"{package} is imported from the source tree, not from the wheel"
    names = {m.__name__.split(".")[-1] for m in modules()}
    for path in (root/package).rglob("*"):
        if path.suffix == ".py" and not path.name.startswith("_") and path.stem not in names: yield f"no module {path.stem}"
        if path.suffix == ".csv" and not (found/path.relative_to(root/package)).exists(): yield f"no file {path.name}"
    for tool in ("nbdev", "execnb", "hypothesis", "smalldocs", "pypandoc"):
        if importlib.util.find_spec(tool): yield f"{tool} is installed, so this environment shows nothing"

def job(folder):
    "The main job left figures, networks and a table, and the hierarchy was recovered"
    folder = Path(folder)
    for pattern in ("*.png", "*.svg", "*.safetensors", "*.csv"):
        if not list(folder.glob(pattern)): yield f"{folder} holds no {pattern}"
    rows = [row for table in folder.glob("*.csv") for row in csv.DictReader(table.open(encoding="utf-8"))]
    chosen = [row for row in rows if row["chosen"] == "True"]
    recovered = [row for row in chosen if row["success"] == "True"]
    print(f"{len(rows)} networks, {len(chosen)} seeds, hierarchy recovered for {len(recovered)}")
    if len(rows) < 4*14*5: yield f"only {len(rows)} networks in the table"
    if not recovered or len(recovered) < len(chosen) - 1: yield "the hierarchy was not recovered"

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
    found = list({c.__name__: c for c in (notebooks, documented, links, wheel, job, budget)}[name](*arguments))
    print("\n".join(found) if found else f"{name}: all well")
    sys.exit(bool(found))
