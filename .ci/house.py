"""How the code is built: rooms and what they import (house), and cells that fit on a screen (cells)

Run by .ci/checks.py; cells takes paths of notebooks, and looks at all of them without. By itself it names the
notebooks that train."""
from functools import cache
from pathlib import Path
from statistics import median
import ast, importlib.util, json, re, subprocess, sys

root = Path(__file__).resolve().parent.parent
package = "neural_sculpting"
imports = ast.Import, ast.ImportFrom
functions = ast.FunctionDef, ast.AsyncFunctionDef
comprehensions = ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp

# rooms that work without a screen, and the places that draw
quiet = "sculpting", "hierarchy", "detection", "consensus", "cards", "estimator", "studies.workers"
drawing = "pictures.", "controls.", "commands.", "studies.reports", "report"
screen = "matplotlib", "ipywidgets"

def at_import(tree):
    "The imports of a module that run when it is imported: not those within functions"
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, imports): yield node
        elif not isinstance(node, functions): yield from at_import(node)

@cache
def rooms():
    "The modules of the package, by name, with their syntax trees"
    paths = [path for path in (root/package).rglob("*.py") if path.name != "_modidx.py"]
    names = {path: ".".join(path.relative_to(root).with_suffix("").parts) for path in paths}
    return {name.removesuffix(".__init__"): ast.parse(path.read_text(encoding="utf-8"))
            for path, name in names.items() if not path.stem.startswith("_") or path.stem == "__init__"}

def targets(name, node):
    "The modules, and the names taken from them, that an import of a module means"
    if isinstance(node, ast.Import): return [(alias.name, None) for alias in node.names]
    level = node.level - ((root/name.replace(".", "/")/"__init__.py").exists())
    base = name.split(".")[:-level] if level > 0 else name.split(".") if node.level else []
    module = ".".join([*base, *([node.module] if node.module else [])])
    return [(module, alias.name) for alias in node.names]

def needs():
    "For each room of the package the rooms that it imports, and for each room the other packages"
    inside, outside = {}, {}
    for name, tree in rooms().items():
        asked = [t for node in at_import(tree) for t in targets(name, node)]
        meant = [f"{module}.{taken}" if f"{module}.{taken}" in rooms() else module for module, taken in asked]
        inside[name] = {module for module in meant if module in rooms()} - {name, package}
        outside[name] = {module.split(".")[0] for module in meant if module not in rooms()}
    return inside, outside

def longest_chain(inside):
    "The longest chain of rooms of which each imports the next, or a circle"
    known, circles = {}, []
    def chain(name, above):
        if name in above: circles.append([*above[above.index(name):], name])
        elif name not in known:
            ways = [chain(other, [*above, name]) for other in sorted(inside[name])]
            known[name] = [name, *max(ways, key=len, default=[])]
        return known.get(name, [])
    return max([chain(name, []) for name in sorted(inside)], key=len), circles

def house():
    "At most 28 rooms in the spine, chains of at most 9 imports, no circle, and no pictures where there is no screen"
    short = lambda names: " > ".join(name.removeprefix(f"{package}.") for name in names)
    spine = [name for name in rooms() if name.count(".") == 1 and not (root/name.replace(".", "/")).is_dir()]
    inside, outside = needs()
    chain, circles = longest_chain(inside)
    print(f"{len(rooms())} modules, {len(spine)} in the spine; longest chain {len(chain)}: {short(chain)}")
    if len(spine) > 28: yield f"{len(spine)} modules directly in {package}, more than 28"
    if len(chain) > 9: yield f"a chain of {len(chain)} imports, more than 9: {short(chain)}"
    yield from (f"a circle of imports: {short(circle)}" for circle in circles)
    for name, others in outside.items():
        place = name.removeprefix(f"{package}.")
        if {*screen} & others and not place.startswith(drawing): yield f"{place} imports {', '.join({*screen} & others)}"
    yield from private_names()
    yield from loaded_by_quiet_rooms()

def private_names():
    "Names with a leading underscore stay in their room"
    for name, tree in rooms().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom): continue
            for module, taken in targets(name, node):
                if module.startswith(package) and taken.startswith("_") and not taken.startswith("__"):
                    yield f"{name.removeprefix(f'{package}.')} takes the private {taken} from {module}"

def loaded_by_quiet_rooms():
    "Rooms that need no screen, and that load what draws on one all the same"
    there = [f"{package}.{room}" for room in quiet if f"{package}.{room}" in rooms()]
    def loads(*names):
        code = f"import sys, {', '.join(names)}; print(*{{*sys.modules}} & {{*{screen}}})"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True).stdout.strip()
    if not loads(*there): return
    yield from (f"importing {name} loads {found}" for name in there if (found := loads(name)))

class Cell:
    "A code cell of a notebook"
    def __init__(self, number, source):
        self.number, self.source, self.lines = number, source, source.strip("\n").splitlines()
        self.code = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in self.lines)
        self.tree = ast.parse(self.code)
        self.exported = bool(re.search(r"^#\| *export[is]?\b", source, re.M))
        self.only_imports = bool(self.tree.body) and all(isinstance(node, imports) for node in self.tree.body)
        self.shows_nothing = not self.tree.body or "show_doc(" in source

def cells_of(path):
    "The code cells of a notebook"
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [Cell(number, "".join(c["source"])) for number, c in enumerate(found) if c["cell_type"] == "code"]

def own_nodes(function):
    "The nodes of a function without those of functions within it, which are counted by themselves"
    for node in ast.iter_child_nodes(function):
        if isinstance(node, functions): continue
        yield node
        yield from own_nodes(node)

def complexity(function):
    "McCabe's count as radon has it: one, and one more for each way to go on"
    count = 1
    for node in own_nodes(function):
        if isinstance(node, (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert)): count += 1
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)): count += bool(node.orelse)
        if isinstance(node, ast.BoolOp): count += len(node.values) - 1
        if isinstance(node, ast.comprehension): count += 1 + len(node.ifs)
        if isinstance(node, ast.Match): count += len(node.cases)
    return count

def parameters(function):
    "How many parameters a function has, self aside"
    given = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return sum(a.arg not in ("self", "cls") for a in given)

def estimator_settings(cell):
    "Constructors of scikit-learn's estimators, which must take every setting by its name and do nothing but keep it"
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "BaseEstimator" for base in node.bases):
            yield from (part for part in node.body if isinstance(part, functions) and part.name == "__init__")

def too_much(cell, many_parameters):
    "Functions that are too long, take too many ways or too many parameters"
    kept = {*estimator_settings(cell)}
    for function in (node for node in ast.walk(cell.tree) if isinstance(node, functions)):
        many = many_parameters(function.name) or function in kept
        start = function.body[0].lineno if many else function.lineno                            # a line a parameter
        lines, ways, given = function.end_lineno - start + 1, complexity(function), parameters(function)
        if lines > 25: yield f"{function.name} has {lines} lines, more than 25"
        if ways > 12: yield f"{function.name} has a complexity of {ways}, more than 12"
        if given > 10 and not many: yield f"{function.name} has {given} parameters, more than 10"

def packed(cell):
    "Lines with more than one statement, with three assignments or with two comprehensions"
    simple = [node for node in ast.walk(cell.tree) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
    starts = [node.lineno for node in simple]
    for line in sorted({line for line in starts if starts.count(line) > 1}): yield line, "more than one statement"
    for node in simple:
        if not isinstance(node, ast.Assign): continue
        several = isinstance(node.value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple)
        if len(node.targets) > 2 or several and len(node.value.elts) > 2: yield node.lineno, "three assignments"
    inner = {id(part) for node in ast.walk(cell.tree) if isinstance(node, comprehensions)
             for part in ast.walk(node) if part is not node}
    made = [node.lineno for node in ast.walk(cell.tree) if isinstance(node, comprehensions) and id(node) not in inner]
    for line in sorted({line for line in made if made.count(line) > 1}): yield line, "two comprehensions"

def runs(cells):
    "Four and more exported cells, imports aside, before any other cell with code shows or tests what they define"
    run = []
    for cell in [*cells, None]:
        if cell and (cell.only_imports or not cell.exported and cell.shows_nothing): continue
        if cell and cell.exported: run.append(cell.number)
        else:
            if len(run) > 3: yield f"cells {', '.join(map(str, run))}: {len(run)} exported ones without a use or test between"
            run = []

def in_cell(cell, many_parameters):
    "What is too much in one cell"
    if len(cell.lines) > 40: yield f"{len(cell.lines)} lines, more than 40"
    for number, line in enumerate(cell.lines, 1):
        if len(line) > 120: yield f"line {number} has {len(line)} characters, more than 120"
    if not cell.exported: return
    yield from too_much(cell, many_parameters)
    for line, what in packed(cell): yield f"line {line} holds {what}: {cell.lines[line - 1].strip()[:70]}"

def cells(*paths):
    "Cells, lines and functions fit on a screen, and what is defined is soon shown or tested"
    def many_parameters(function): return function in ("sculpt", "run", "uncover") or function.startswith("sculpt_")
    sizes = []
    for path in map(Path, paths or sorted((root/"nbs").rglob("*.ipynb"))):
        if ".ipynb_checkpoints" in path.parts: continue
        found = cells_of(path)
        own = [len(cell.lines) for cell in found if cell.exported and not cell.only_imports]
        sizes += own
        told = [f"cell {cell.number}: {text}" for cell in found for text in in_cell(cell, many_parameters)]
        told += runs(found)
        name = path.resolve().relative_to(root/"nbs")
        if own and (told or median(own) > 15): print(f"{name}: {len(own)} exported cells, median {median(own):g} lines")
        yield from (f"{name}: {text}" for text in told)
    if not sizes: return
    print(f"{len(sizes)} exported cells (imports aside), median {median(sizes):g} lines")
    if median(sizes) > 15: yield f"a median of {median(sizes):g} lines in an exported cell, more than 15"

trained_by = "sculpt", "fit", "uncover", "run", "run_study", "SculptedClassifier"
flagged = re.compile(r"^#\| *(slow|browser|distributed|export|eval: *false)", re.M)

def trains(path):
    "Whether a notebook trains networks where it runs without flags"
    shown = [cell for cell in cells_of(path) if not flagged.search(cell.source)]
    calls = [node.func for cell in shown for node in ast.walk(cell.tree) if isinstance(node, ast.Call)]
    names = {getattr(call, "id", "") for call in calls}
    return bool(names & {*trained_by}) or any(name.startswith("sculpt_") for name in names)

long = "the_paper_from_scratch", "sculpting_digits", "how_sure"    # stories of minutes, which print and assert little

if __name__ == "__main__":                                          # a pattern of the notebooks that train, for nbdev_test
    found = [path.name for path in sorted((root/"nbs").rglob("*.ipynb")) if trains(path) and path.stem not in long]
    print(f"^({'|'.join(map(re.escape, found))})$")
