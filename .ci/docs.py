"""Build the documentation site into _docs/ and README.md from the index notebook: python .ci/docs.py

The pages come from Quarto where it is installed and from smalldocs otherwise; both read _quarto.yml."""
from dataclasses import is_dataclass
from html import unescape
from importlib import import_module
from pathlib import Path
from textwrap import shorten
import inspect, json, posixpath, re, shutil, subprocess

from execnb.nbio import mk_cell
from fastcore.docments import DocmentText, MarkdownRenderer, docments
from nbdev.quarto import refresh_quarto_yml
from nbdev.serve import proc_nbs
import pypandoc, yaml

root = Path(__file__).resolve().parent.parent
source, processed, site = root/"nbs", root/"_proc", root/"_docs"

reference = {  # sections of the reference, and the numbers of their notebooks
    "Tasks and networks": {*range(0, 20)}, "Sculpting": {*range(20, 45)}, "Modules": {*range(45, 60)},
    "Hierarchy and analyses": {*range(60, 70)}, "Pictures": {*range(70, 80)}, "Controls": {80, 81, 82, 84, 92},
    "Studies": {83, *range(85, 94)} - {92}, "Commands": {*range(94, 100)}}

def sidebar():
    "Write nbs/sidebar.yml: stories and explanations in the order of the index, the reference in sections"
    index = (source/"index.ipynb").read_text(encoding="utf-8")
    def section(title, contents): return {"section": title, "contents": contents}
    def pages(*folders):
        there = sorted(p.relative_to(source).as_posix() for folder in folders for p in (source/folder).glob("*.ipynb"))
        return sorted(there, key=lambda page: index.find(page) % 10**9)          # those it does not name come last
    numbered = {path.name: int(path.name.split("_")[0]) for path in sorted(source.glob("[0-9]*_*.ipynb"))}
    rooms = {title: [page for page, number in numbered.items() if number in numbers]
             for title, numbers in reference.items()}
    contents = ["index.ipynb", section("Tutorials", pages("tutorials")),
                section("Explanations", pages("explanations", "benchmarks")),
                section("Reference", [section(*room) for room in rooms.items()]), "citation.ipynb"]
    text = yaml.safe_dump({"website": {"sidebar": {"contents": contents}}}, sort_keys=False)
    (source/"sidebar.yml").write_text(text, encoding="utf-8")

def process():
    "Write nbs/nbdev.yml and nbs/sidebar.yml, and the notebooks as pages with their API entries into _proc/"
    refresh_quarto_yml()
    sidebar()
    shutil.rmtree(processed, ignore_errors=True)
    shutil.rmtree(site, ignore_errors=True)
    proc_nbs(force=True, n_workers=2)

def entries():
    "Complete the reference: fields of dataclasses with their comments, public methods of classes, constants"
    for path in processed.glob("[0-9]*_*.ipynb"):
        module = import_module(f"neural_sculpting.{path.stem.split('_', 1)[1]}")
        notebook = json.loads(path.read_text(encoding="utf-8"))
        outputs = [o for cell in notebook["cells"] for o in cell.get("outputs", [])]
        texts = [o["data"] for o in outputs if "text/markdown" in o.get("data", {})]
        shown = re.findall(r"^#+ ([\w.]+)$", "\n".join("".join(data["text/markdown"]) for data in texts), re.M)
        for data in texts:
            text = "".join(data["text/markdown"])
            named = getattr(module, (re.findall(r"^### (\w+)$", text, re.M) or ["-"])[0], None)
            if inspect.isclass(named): data["text/markdown"] = class_entry(named, text, shown)
            elif inspect.isfunction(named): data["text/markdown"] = commented(named, text)
        if lines := constants(module): notebook["cells"].append(mk_cell("## Further names\n\n" + lines, "markdown"))
        path.write_text(json.dumps(notebook), encoding="utf-8")

def commented(function, text):
    "The entry of a function with the comments on *arguments and **options as well"
    for name, comment in docments(inspect.unwrap(function), args_kwargs=True).items():
        text = re.sub(rf"^(    .*\*{name})$", lambda m: f"{m[1]}, # {comment}", text, count=1, flags=re.M)
    return text

def constants(module):
    "A list of the public names of a module that are no functions or classes of Python, with comments and values"
    source, lines = inspect.getsource(module), []
    for name in module.__all__:
        line, named = re.search(rf"^{name} *=.*?(?:# (.*))?$", source, re.M), getattr(module, name)
        if not line: continue
        value = shorten(repr(named), 200, placeholder=" …")
        lines.append(f"- `{name}`: " + f"{line[1]}: " * bool(line[1]) + f"`{value}`")
    return "\n".join(lines)

def class_entry(named, text, shown):
    "The entry of a class: a dataclass with its fields, and the methods that have no entry of their own"
    if is_dataclass(named):
        fields = str(DocmentText(named, maxline=110, docstring=False)).removesuffix("->None:").removesuffix(":")
        text = re.sub(r"^```python\n.*?^```", lambda m: f"```python\n{fields}\n```", text, count=1, flags=re.M | re.S)
    elif "__init__" in vars(named): text = commented(named.__init__, text)
    text = re.sub(r"^```python\ndef ", "```python\nclass ", text, count=1, flags=re.M)
    for name, member in vars(named).items():
        plain = inspect.unwrap(getattr(member, "fget", None) or getattr(member, "__func__", member))
        if name.startswith("_") or f"{named.__name__}.{name}" in shown or not inspect.isfunction(plain): continue
        text += f"\n\n#### {named.__name__}.{name}\n\n{commented(plain, MarkdownRenderer(plain)._repr_markdown_())}"
    return text

def unlink_signatures():
    "Turn links within the comments of signatures, which are code, and links to private names back into names"
    link, fence = re.compile(r"\[(`[^`]+`)\]\([^)]+\)"), re.compile(r"^```python\n.*?^```", re.M | re.S)
    private = re.compile(r"\[(`_\w+`)\]\([^)]+\)")
    for path in processed.rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown": cell["source"] = private.sub(r"\1", "".join(cell["source"]))
        for output in [o for cell in notebook["cells"] for o in cell.get("outputs", [])]:
            if text := output.get("data", {}).get("text/markdown"):
                output["data"]["text/markdown"] = fence.sub(lambda m: link.sub(r"\1", m[0]), "".join(text))
        path.write_text(json.dumps(notebook), encoding="utf-8")

def name_pages():
    "Give every page the name that links to the API expect: 00_core.ipynb becomes core.html"
    numbered = {path.name: re.sub(r"^\d+_", "", path.name) for path in processed.rglob("[0-9]*_*.ipynb")}
    for path in [*processed.rglob("*.ipynb"), processed/"sidebar.yml"]:
        text = re.sub(r"\boutput-file: [\w.]+\\n", "", path.read_text(encoding="utf-8"))
        for old, new in numbered.items(): text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        if path.name in numbered: path.rename(path.with_name(numbered[path.name]))

def render():
    "Render _proc/ into _docs/"
    quarto = shutil.which("quarto")
    if quarto: command = ["quarto", "render", str(processed), "--no-execute", "-M", "html-math-method:mathml"]
    else: command = ["smalldocs", "render", "--strict", str(processed)]
    rendered = subprocess.run(command)
    shutil.move(processed/"_docs", site)
    rendered.check_returncode()
    if not quarto: take_nothing_from_elsewhere()

def take_nothing_from_elsewhere():
    "Write formulas as MathML, which browsers read by themselves, and do without fonts from other hosts"
    formula = re.compile(r'(<span class="math (inline|display)">)(.*?)</span>', re.S)
    katex = re.compile(r'<(link|script)\b[^>]*"https://cdn\.jsdelivr\.net/npm/katex[^>]*>(</script>)?')
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    found = [*dict.fromkeys((kind, unescape(tex).strip()[2:-2]) for text in pages.values()
                            for _, kind, tex in formula.findall(text))]
    if not found: return
    dollars = {"inline": "$", "display": "$$"}
    text = "\n\n".join(f"{dollars[kind]}{tex.strip()}{dollars[kind]}" for kind, tex in found)
    html = pypandoc.convert_text(text, "html", format="markdown", extra_args=["--mathml"])
    made = re.findall(r"<math\b.*?</math>", html, re.S)
    if len(made) != len(found): raise SystemExit(f"{len(found)} formulas, but {len(made)} in MathML")
    known = dict(zip(found, made))
    def replace(m): return f"{m[1]}{known[m[2], unescape(m[3]).strip()[2:-2]]}</span>"
    for path, text in pages.items(): path.write_text(katex.sub("", formula.sub(replace, text)), encoding="utf-8")
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"@import url\((\"?)https?:.*?\1\);", "", text), encoding="utf-8")

def readme():
    "Write README.md: the index notebook in GitHub's markdown, links seen from the top level"
    notebook = json.loads((root/"nbs"/"index.ipynb").read_text(encoding="utf-8"))
    hidden = re.compile(r"^#\|\s*(hide|default_exp)\b", re.M)
    notebook["cells"] = [c for c in notebook["cells"] if not hidden.search("".join(c["source"]))]
    text = pypandoc.convert_text(json.dumps(notebook), "gfm-raw_html", format="ipynb", extra_args=["--wrap=preserve"])
    from_top = lambda m: f"]({posixpath.normpath('nbs/' + m[1])})"
    text = re.sub(r"\]\((?!\w+:|#)([^)\s]+)\)", from_top, text.replace("\r\n", "\n"))
    text = re.sub(r"^``` (?=\w)", "```", text, flags=re.M)
    (root/"README.md").write_text(text.rstrip() + "\n", encoding="utf-8")

if __name__ == "__main__":
    readme()
    process()
    entries()
    unlink_signatures()
    name_pages()
    render()
    print(f"{len(list(site.rglob('*.html')))} pages in {site.name}/, README.md written")
