# SPDX-License-Identifier: Apache-2.0
"""``python tests/docs/build_site.py FOLDER``: the documentation as a site, which needs no network and no server.

Sphinx does not read the folder ``docs`` itself but a copy in which the reference is made anew from the code, and which
holds the two documents of the top folder that belong to the site. Whatever Sphinx warns of ends the build; so does a
page that would load something from elsewhere, and a search that does not find what is written.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

#: Documents of the top folder that are pages of the site, and a folder of it that is beside them.
TOP = ("CONTRIBUTING.md", "CHANGELOG.md")
EXAMPLES = "examples"

#: Other files of the top folder that pages lead to.
FILES = ("Containerfile",)

#: The pages in the order of the menu: heading -> pages. Every page of the folder has to be in one of them.
MENU = {
    "Start": ["first-run", "own-cloud", "kaas", "choosing", "reading", "mending", "troubleshooting", "de/verdicts"],
    "Every day": [
        "daily",
        "pipeline",
        "monitor",
        "scorecard",
        "presets",
        "waivers",
        "fleets",
        "ci",
        "examples/index",
        "examples/kubernetes/index",
        "reports",
        "machines",
        "attestations",
        "auditing",
        "secrets",
    ],
    "Further tests": ["tls", "domain-managers", "tempest", "demo"],
    "Rules of your own": ["writing-a-testcase", "private-scope", "api"],
    "What is judged": ["standards/index"],
    "Reference": [
        *("reference/options", "reference/commands", "reference/markers", "reference/exit-codes", "reference/causes"),
        "reference/metrics",
        *("reference/testcases", "reference/rules", "reference/differences"),
    ],
    "Project": ["architecture", "CONTRIBUTING", "CHANGELOG"],
}

#: A word, and a page that the search has to find for it.
SEARCHED = ("quota", "troubleshooting")

_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"']?(?P<src>(?:https?:)?//[^\"'\s>]+)"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|icon|preconnect|dns-prefetch))[^>]*\bhref=[\"']?"
    r"(?P<href>(?:https?:)?//[^\"'\s>]+)"
    r"|@import\s+(?:url\()?[\"']?(?P<imported>(?:https?:)?//[^\"')\s]+)"
    r"|url\(\s*[\"']?(?P<url>(?:https?:)?//[^\"')\s]+)"
)


def stage(folder: Path) -> None:
    """Make the folder that Sphinx reads. Links keep their meaning: what was above ``docs`` is beside the pages."""
    docs = ROOT / "docs"
    shutil.copytree(docs, folder, ignore=shutil.ignore_patterns("__pycache__", "reference"))
    for name in (*TOP, *FILES):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / EXAMPLES, folder / EXAMPLES)
    _make_reference(folder)
    for page in sorted(folder.rglob("*.md")):
        page.write_text(_moved(page.read_text("utf-8"), page.relative_to(folder)), "utf-8")
    for page in sorted(folder.rglob("README.md")):
        page.rename(page.with_name("index.md"))
    with (folder / "index.md").open("a", encoding="utf-8") as file:
        file.write("".join(_menu()))
    with (folder / "standards" / "index.md").open("a", encoding="utf-8") as file:
        file.write("\n```{toctree}\n:hidden:\n:glob:\n\nframework\nscs-*\n```\n")


def _moved(text: str, page: Path) -> str:
    """The text of a page with links as the site needs them: nothing above ``docs``, and ``index`` for each README."""
    if str(page) in TOP:
        text = text.replace("](docs/", "](")
    else:
        here = "../" * (len(page.parts) - 1)
        text = text.replace(f"]({here}../README.md", f"]({here}README.md")
        for name in (*TOP, *FILES, f"{EXAMPLES}/"):
            text = text.replace(f"]({here}../{name}", f"]({here}{name}")
    return re.sub(r"\]\(([^)\s:]*)README\.md", r"](\1index.md", text)


def _make_reference(folder: Path) -> None:
    import api_page
    import reference_pages

    reference_pages.write(folder / "reference")
    (folder / "api.md").write_text(api_page.render(), "utf-8")


def _menu() -> Iterator[str]:
    for caption, pages in MENU.items():
        yield "\n```{toctree}\n:hidden:\n:glob:\n" + f":caption: {caption}\n\n" + "\n".join(pages) + "\n```\n"


def loaded_from_elsewhere(text: str) -> list[str]:
    """What a page or style sheet makes a browser fetch from other hosts; links that are only followed are fine."""
    return [next(filter(None, match.groups())) for match in _LOADED.finditer(text)]


def problems(site: Path) -> Iterator[str]:
    """What keeps a built site from working in a folder without a network."""
    for path in sorted(site.rglob("*")):
        if path.suffix in (".html", ".css"):
            for address in loaded_from_elsewhere(path.read_text("utf-8")):
                yield f"{path.relative_to(site)} loads {address}"
    yield from _search_problems(site)


def _search_problems(site: Path) -> Iterator[str]:
    index = site / "searchindex.js"
    text = index.read_text("utf-8") if index.is_file() else ""
    match = re.fullmatch(r"Search\.setIndex\((.*)\)\s*", text, re.DOTALL)
    if not match:
        yield "searchindex.js is not there, or is none"
        return
    known = json.loads(match[1])
    word, page = SEARCHED
    numbers: set[int] = set()
    for terms in ("terms", "titleterms"):
        value = known[terms].get(word, [])
        numbers |= {value} if isinstance(value, int) else set(value)
    found = [known["docnames"][number] for number in sorted(numbers)]
    if page not in found:
        yield f"the search finds {word!r} in {found}, not in {page}"
    if 'src="searchindex.js"' not in (site / "search.html").read_text("utf-8"):
        yield "search.html does not load the index as a script, as pages that lie in a folder have to"


def browser_problems(site: Path) -> Iterator[str]:
    """What a browser has to say of the search in a folder; without a browser only the index is looked at."""
    sys.path.insert(0, str(ROOT / "tests"))
    import chromium

    program = chromium.find()
    if program is None:
        sys.stderr.write("NOT TESTED: there is no Chromium, so nobody typed anything into the search\n")
        return
    word, page = SEARCHED
    with tempfile.TemporaryDirectory() as folder, chromium.Chromium(program, Path(folder)) as browser:
        tab = browser.open(site / "search.html")
        tab.run(f"setTimeout(() => {{ location.search = '?q={word}' }})")
        found = _results(tab)
        if not any(f"/{page}.html" in address for address in found):
            yield f"the search for {word!r} in a browser finds {found}"
        yield from tab.complaints()


def _results(tab: Any) -> list[str]:
    """The addresses that the page of the search lists, once it has any; an empty list after half a minute."""
    for _ in range(60):
        with suppress(RuntimeError):  # a page that goes away while it is asked
            if found := tab.run("[...document.querySelectorAll('#search-results li a')].map(one => one.href)"):
                return list(found)
        time.sleep(0.5)
    return []


def main(arguments: list[str]) -> int:
    """Build the site in a folder; its former content goes."""
    site = Path(arguments[0]).resolve()
    source = site.with_name(f"{site.name}-source")
    for folder in (site, source):
        shutil.rmtree(folder, ignore_errors=True)
    stage(source)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", str(source), str(site)]
    if code := subprocess.run(command, check=False).returncode:
        return code
    found = [*problems(site), *browser_problems(site)]
    sys.stderr.writelines(f"{line}\n" for line in found)
    if not found:
        sys.stdout.write(f"{site / 'index.html'}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
