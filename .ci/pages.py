"""What the notebooks need to become pages: entries of the reference as tables, tests folded, outputs made plain

Works on the processed notebooks in _proc/, before either Quarto or smalldocs renders them."""
from dataclasses import MISSING, fields, is_dataclass
from html import escape
from textwrap import shorten, wrap
import ast, inspect, json, re

from execnb.nbio import mk_cell
from fastcore.docments import docments
from nbdev.doclinks import NbdevLookup

link = NbdevLookup().linkify
tested = re.compile(r"^(test_\w+\(|assert |with ExceptionExpected)", re.M)
inside = re.compile(r"(?<![\w.])_[a-z]\w*\(")                                      # a call of what is not public
shape = re.compile(r"`[^`\n]+`|\[(?![^\]\n]*\]\()[^\]\n]*\]")                # code, or brackets that make no link
code_span, private = re.compile(r"`[^`\n]+`"), re.compile(r"\[(`_\w+`)\]\([^)]+\)")
frame = re.compile(r"<style scoped>.*?</style>\s*|<p>\d+ rows × \d+ columns</p>| border=\"1\"", re.S)

def parts(notebook):
    "The cells of a notebook, and the outputs of them all"
    return notebook["cells"], [output for cell in notebook["cells"] for output in cell.get("outputs", [])]

def as_lines(text):
    "A text as notebooks store it: a list of lines, each with its end; Quarto reads nothing else rightly"
    return "".join(text).splitlines(True)

def in_lines(notebook):
    "All texts of a notebook as lists of lines"
    cells, outputs = parts(notebook)
    for cell in cells: cell["source"] = as_lines(cell["source"])
    for output in outputs:
        for kind, text in output.get("data", {}).items():
            if kind.startswith("text/"): output["data"][kind] = as_lines(text)
        if "text" in output: output["text"] = as_lines(output["text"])

# The reference

def plain_code(text):
    "A piece of code for the cell of a table, where a bar would begin a new column"
    return f"`{text}`" if "|" not in text else f"<code>{escape(text).replace('|', '&#124;')}</code>"

def with_shapes(text):
    "A text in which brackets stay brackets: pandoc links [members] to a heading of that name"
    return shape.sub(lambda m: m[0] if m[0][0] == "`" else f"\\[{m[0][1:-1]}\\]", text)

def in_cell(text):
    "A line for the cell of a table, with links to what it names"
    text = re.sub(r"(?<![`\w-])--\w+", r"`\g<0>`", " ".join(text.split()))     # options, which would become dashes
    text = code_span.sub(lambda m: plain_code(m[0][1:-1]), with_shapes(text))
    return link(re.sub(r"(?<!\\)\|", r"\\|", text)) or ""

def kind_of(annotation):
    "A type as a reader writes it, with a link if it is one of ours"
    if annotation in (inspect.Parameter.empty, None): return ""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = re.sub(r"\b[a-z]\w*\.(?=\w)", "", text)
    return f" <br>{linked}" if (linked := in_cell(f"`{text}`")).startswith("[") else f" <br>*{in_cell(text)}*"

def default_of(parameter, member):
    "The default of a parameter, short enough for a table"
    value = parameter.default
    if value is inspect.Parameter.empty: return ""
    if is_dataclass(member):
        made = {f.name: f.default_factory for f in fields(member) if f.default_factory is not MISSING}
        if parameter.name in made: value = made[parameter.name]()
    text = value.__name__ if inspect.isfunction(value) or inspect.isclass(value) else repr(value)
    return plain_code(shorten(re.sub(r" at 0x\w+", "", text), 60, placeholder=" …"))

def arguments(member):
    "The parameters of a function or class without self, with their comments, and the comment on what is returned"
    shown = member if inspect.isclass(member) else inspect.unwrap(member)
    comments = docments(shown, args_kwargs=True)
    own = inspect.isclass(shown) and vars(shown).get("__init__")          # a metaclass may hide how a class is made
    try: given = inspect.signature(own or shown).parameters.values()
    except ValueError: given = []
    return [p for p in given if p.name not in ("self", "cls")], comments

def signature(label, member):
    "How a function or class is called, in lines that fit on the page"
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    names, called = [], label
    for p in arguments(member)[0]:
        value = "" if p.default is inspect.Parameter.empty else "=…" if len(repr(p.default)) > 24 else f"={p.default!r}"
        names.append(stars.get(p.kind, "") + p.name + value.replace(" ", "\0"))
    text = "\n".join(wrap(f"{called}({', '.join(names)})", 84, subsequent_indent="    ", break_long_words=False))
    return f"```python\n{text}\n```".replace("\0", " ")

def table_of(member):
    "The parameters of a function or class as a table, and what it returns"
    given, comments = arguments(member)
    lines = []
    for p in given:
        comment = in_cell(comments.get(p.name) or "")
        lines.append(f"| `{p.name}`{kind_of(p.annotation)} | {default_of(p, member)} | {comment} |")
    text = "\n".join(["| Parameter | Default | Meaning |", "|:-----|:-----|:---------------|", *lines]) if lines else ""
    returned = comments.get("return")
    return text + (f"\n\n**Returns** {link(with_shapes(' '.join(returned.split())))}" if returned else "")

def entry(label, member, level=3, above=""):
    "The entry of the reference for a function, class or property"
    plain = inspect.unwrap(getattr(member, "fget", None) or getattr(member, "__func__", member))
    own = inspect.isfunction(plain) or inspect.isclass(plain) and {"__init__", "__dataclass_fields__"} & {*vars(plain)}
    called = own and not isinstance(member, property)
    told = link(inspect.getdoc(member) or inspect.getdoc(plain) or "")
    pieces = [above, f"{'#'*level} {label}", called and signature(label, plain), told,
              table_of(plain) if own else "", inspect.isclass(plain) and methods(label, plain)]
    return "\n\n".join(piece for piece in pieces if piece)

def methods(label, named):
    "The entries of a class's public methods"
    found = []
    for name, member in vars(named).items():
        plain = inspect.unwrap(getattr(member, "fget", None) or getattr(member, "__func__", member))
        if not name.startswith("_") and inspect.isfunction(plain) and f"{label}.{name}" not in methods.shown:
            found.append(entry(f"{label}.{name}", member, 4))
    return "\n\n".join(found)
methods.shown = set()                       # the methods with an entry of their own on the page

def lookup(module, label):
    "What a label like Class.method names in a module, or None"
    found = module
    for name in label.split("."):
        own = vars(found).get(name)
        known = callable(own) or isinstance(own, (property, classmethod, staticmethod))
        found = own if known else getattr(found, name, None)
    return found

def reference(notebook, module):
    "Write the entries of the reference anew: parameters in tables, all methods of a class, constants at the end"
    titles = re.compile(r"^#+ ([\w.]+)$", re.M)
    outputs = [o for o in parts(notebook)[1] if "text/markdown" in o.get("data", {})]
    found = [(o["data"], titles.search("".join(o["data"]["text/markdown"]))) for o in outputs]
    methods.shown = {title[1] for _, title in found if title}
    for data, title in found:
        text = "".join(data["text/markdown"])
        member = lookup(module, title[1]) if title else None
        if not callable(member) and not isinstance(member, (property, classmethod, staticmethod)): continue
        data["text/markdown"] = entry(title[1], member, above=text[:title.start()].strip())
    if lines := constants(module): notebook["cells"].append(mk_cell("## Further names\n\n" + lines, "markdown"))

def constants(module):
    "A list of the public names of a module that are no functions or classes of Python, with comments and values"
    source, lines = inspect.getsource(module), []
    for name in module.__all__:
        line, named = re.search(rf"^(?:\w+, )*{name}(?:, \w+)* *=.*?(?:# (.*))?$", source, re.M), getattr(module, name)
        if not line: continue
        if callable(named): value = (inspect.getdoc(named) or "").split("\n")[0]
        else: value = f"`{shorten(repr(named), 200, placeholder=' …')}`"
        lines.append(f"- `{name}`: " + f"{line[1]}: " * bool(line[1]) + value)
    return "\n".join(lines)

# Cells and outputs

def folded(source, summary):
    "The source of a cell that is shown when a reader asks for it"
    return f'#| code-fold: true\n#| code-summary: "{summary}"\n{source}'

def is_test(statement):
    "Whether a statement tests and does nothing else"
    parts = statement.items if isinstance(statement, ast.With) else [statement]
    call = getattr(parts[0], "context_expr", getattr(parts[0], "value", None))
    name = getattr(getattr(call, "func", None), "id", "")
    return isinstance(statement, ast.Assert) or name.startswith("test_") or name == "ExceptionExpected"

def example_and_tests(source):
    "What a cell shows, and the tests that end it"
    try: body = ast.parse(source).body
    except SyntaxError: return source, ""                                            # commands of the shell
    first = len(body)
    while first and is_test(body[first - 1]): first -= 1
    lines, ends = source.splitlines(True), [0, *[statement.end_lineno for statement in body]]
    while first < len(body) and body[first].lineno <= ends[first]: first += 1        # on the line of another
    at = body[first].lineno - 1 if first < len(body) else len(lines)
    while at > ends[first] and re.match("#(?!\\|)", lines[at - 1]): at -= 1             # a comment on the tests
    return ("".join(lines[:at]).rstrip("\n"), "".join(lines[at:])) if first else (source, "")

def fold_tests(notebook):
    "Fold what tests and shows nothing, and what shows how a room works inside; it stays to be read in the notebook"
    cells = []
    for cell in notebook["cells"]:
        source, tests = "".join(cell["source"]), ""
        if cell["cell_type"] == "code" and "show_doc(" not in source:
            if not cell["outputs"] and tested.search(source): source, tests = "", source
            else: source, tests = example_and_tests(source)
        if source and cell["cell_type"] == "code" and inside.search(source): source = folded(source, "Inside")
        if source or not tests: cells.append({**cell, "source": source})
        own = {"source": folded(tests, "Tests"), "outputs": [], "id": f"{cell.get('id', '')}-tests"}
        if tests: cells.append({**cell, **own})
    notebook["cells"] = cells

def without_widgets(notebook):
    "Leave out controls, which need a kernel to live"
    def living(output):
        data = output.get("data", {})
        return "application/vnd.jupyter.widget-view+json" in data or "(children=(" in "".join(data.get("text/plain", ""))
    for cell in notebook["cells"]:
        if "outputs" in cell: cell["outputs"] = [o for o in cell["outputs"] if not living(o)]

def plain_tables(notebook):
    "Tables of pandas as HTML by itself, for which no page needs scripts"
    for output in parts(notebook)[1]:
        text = "".join(output.get("data", {}).get("text/html", ""))
        if not text: continue
        table = frame.sub("", text).strip().removeprefix("<div>").removesuffix("</div>").strip()
        output["data"] = {"text/markdown": f'```{{=html}}\n<div class="wide">\n{table}\n</div>\n```'}

def bars_in_tables(notebook):
    "Code with a bar in a table of markdown, which renderers show with the backslash that it needs"
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown": continue
        lines = "".join(cell["source"]).split("\n")
        def free(m): return plain_code(m[0][1:-1].replace("\\|", "|")) if "\\|" in m[0] else m[0]
        lines = [code_span.sub(free, line) if line.lstrip().startswith("|") else line for line in lines]
        cell["source"] = private.sub(r"\1", "\n".join(lines))

def prepare(path, module=None):
    "Make a processed notebook ready for either renderer; a module's notebook gets its entries of the reference"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if module: reference(notebook, module)
    for step in (fold_tests, without_widgets, plain_tables, bars_in_tables, in_lines): step(notebook)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
