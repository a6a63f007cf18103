"""Build the documentation site into _docs/ and README.md from the index notebook: python .ci/docs.py

The pages come from Quarto where it is installed and from smalldocs otherwise; both read _quarto.yml."""
from pathlib import Path
import json, posixpath, re, shutil, subprocess

from nbdev.quarto import nbdev_sidebar, refresh_quarto_yml
from nbdev.serve import proc_nbs
import pypandoc

root = Path(__file__).resolve().parent.parent
processed, site = root/"_proc", root/"_docs"

def process():
    "Write nbs/nbdev.yml and nbs/sidebar.yml, and the notebooks as pages with their API entries into _proc/"
    refresh_quarto_yml()
    nbdev_sidebar.__wrapped__()
    shutil.rmtree(processed, ignore_errors=True)
    shutil.rmtree(site, ignore_errors=True)
    proc_nbs(force=True, n_workers=2)

def unlink_signatures():
    "Turn links within the comments of signatures, which are code, back into names"
    link, fence = re.compile(r"\[(`[^`]+`)\]\([^)]+\)"), re.compile(r"^```python\n.*?^```", re.M | re.S)
    for path in processed.rglob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
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
    if shutil.which("quarto"): command = ["quarto", "render", str(processed), "--no-execute"]
    else: command = ["smalldocs", "render", "--strict", str(processed)]
    rendered = subprocess.run(command)
    shutil.move(processed/"_docs", site)
    rendered.check_returncode()

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
    unlink_signatures()
    name_pages()
    render()
    print(f"{len(list(site.rglob('*.html')))} pages in {site.name}/, README.md written")
