# SPDX-License-Identifier: Apache-2.0
"""Make the pictures of the HTML report in docs/pictures: ``python tests/browser/pictures.py docs/pictures``.

Pages on paper need pdftoppm (poppler-utils), and are left out without it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chromium import Chromium, find

RUN = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--self-contained-html"]

#: The runs that the pages are of.
PAGES = {
    "demo": ["--scs-scope=iaas-v5.1", "--os-cloud=demo"],
    "vanilla": ["--scs-scope=iaas-v5.1", "--os-cloud=demo:vanilla"],
    "german": ["--scs-scope=iaas-v5.1", "--os-cloud=demo:vanilla", "--scs-lang=de"],
    "two": ["--scs-scope=iaas-v5.1", "--os-cloud=demo", "--os-cloud=demo:vanilla"],
}

#: Name of the picture, page, width and height of the window, colours, what is in sight on its top edge.
PICTURES = (
    ("demo", "demo", 1440, 900, "light", ""),
    ("vanilla", "vanilla", 1440, 900, "light", ""),
    ("vanilla-768", "vanilla", 768, 1024, "light", ""),
    ("vanilla-390", "vanilla", 390, 844, "light", ""),
    ("what-to-do", "vanilla", 1440, 700, "light", "demo-vanilla-todo"),
    ("dark", "vanilla", 1440, 900, "dark", ""),
    ("german", "german", 1440, 900, "light", ""),
    ("two", "two", 1440, 900, "light", ""),
)


def main(folder: Path) -> None:
    """Write all pictures into the folder."""
    program = find() or sys.exit("there is no Chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Chromium(program, Path(name, "profile")) as browser:
        for page, arguments in PAGES.items():
            subprocess.run([*RUN, *arguments, f"--html={page}.html"], cwd=name, stdout=subprocess.DEVNULL)
        for picture, page, width, height, scheme, top in PICTURES:
            tab = browser.open(Path(name, f"{page}.html"), width, height, prefers_color_scheme=scheme)
            if top:
                tab.run(f"document.getElementById('{top}').scrollIntoView()")
            (folder / f"report-{picture}.png").write_bytes(tab.screenshot())
            tab.close()
        if shutil.which("pdftoppm"):
            paper = Path(name, "paper.pdf")
            paper.write_bytes(browser.open(Path(name, "vanilla.html")).pdf())
            command = ["pdftoppm", "-png", "-r", "70", "-singlefile", str(paper), str(folder / "report-paper")]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
