"""Run notebooks and keep what they show, small and fit for every machine: python .ci/execute.py [--tidy] NOTEBOOK...

Figures are kept in 256 colours, which nobody sees and which takes a third of the room; transparent ones, which read on
a dark page too, stay so. Controls, which need a kernel, and warnings, which name files of one machine, are left out.
With --tidy nothing is run."""
from io import BytesIO
from pathlib import Path
import base64, re, sys, time

from nbclient import NotebookClient
from nbdev.clean import nbdev_clean
from PIL import Image, ImageChops, ImageStat
import nbformat

def small(data):
    "A picture in base64 with at most 256 colours, and as transparent as it was"
    with Image.open(BytesIO(base64.b64decode(data))) as image:
        clear = image.mode == "RGBA" and image.getchannel("A").getextrema()[0] < 255
        made = fewer_colors(image) if clear else image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        out = BytesIO()
        made.save(out, "png", optimize=True)
    text = base64.b64encode(out.getvalue()).decode() + "\n"
    return text if len(text) < len(data) else data

def fewer_colors(image):
    "A transparent picture in 256 colours, unless one would see it, as in a heat map of many shades"
    made = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    before, after = (Image.alpha_composite(Image.new("RGBA", image.size, "white"), i.convert("RGBA")).convert("RGB")
                     for i in (image, made))
    return made if max(ImageStat.Stat(ImageChops.difference(before, after)).mean) < 1 else image

def of_use(output):
    "Whether an output says anything where there is neither this machine nor a kernel"
    return output.get("name") != "stderr" and "application/vnd.jupyter.widget-view+json" not in output.get("data", {})

def tidy(notebook):
    "Leave out of the outputs what is of no use elsewhere, and make the pictures small"
    for cell in notebook.cells:
        if cell.cell_type != "code": continue
        cell.outputs = [output for output in cell.outputs if of_use(output)]
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data: data["image/png"] = small(data["image/png"])
            for texts, kind in ((output, "text"), (data, "text/plain")):
                if isinstance(texts.get(kind), str): texts[kind] = re.sub(r"/tmp/tmp\w+/?", "", texts[kind])
    notebook.metadata.pop("widgets", None)

def execute(path, run=True):
    "Run a notebook in its folder, if wanted, and save it with its outputs"
    notebook, start = nbformat.read(path, 4), time.monotonic()
    resources = {"metadata": {"path": path.parent}}
    if run: NotebookClient(notebook, timeout=1200, kernel_name="python3", resources=resources).execute()
    tidy(notebook)
    nbformat.write(notebook, path)
    nbdev_clean(path)
    print(f"{path}: {time.monotonic() - start:.0f} s, {path.stat().st_size/1000:.0f} kB")

if __name__ == "__main__":
    for name in sys.argv[1:]:
        if name != "--tidy": execute(Path(name), "--tidy" not in sys.argv)
