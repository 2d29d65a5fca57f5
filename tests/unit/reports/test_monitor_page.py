# SPDX-License-Identifier: Apache-2.0
"""What becomes of a report on the compliance monitor's page, which escapes nothing and drops lines.

The template here shows what the monitor's shows, in that order; it is no copy of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest
import yaml
from report_text import render

from pytest_scs.core.cause import Cause
from pytest_scs.core.findings import Finding, Remark
from pytest_scs.core.results import Result, Run
from pytest_scs.core.subject import Subject
from pytest_scs.core.verdict import Verdict

TEMPLATE = """\
<h1>Report</h1>
<ul>
<li>uuid: <a href="/reports/{{ report.run.uuid }}">{{ report.run.uuid }}</a></li>
<li>subject: {{ report.subject }}</li>
<li>scope: <a href="/page/scope/{{ report.spec.uuid }}">{{ report.spec.name }}</a></li>
<li>checked at: {{ report.checked_at }}</li>
<li>variable assignment: {% for key, value in report.run.assignment.items() %}<code>{{ key }}={{ value }}</code>
{% endfor %}</li>
</ul>
{% if dropped %}<p>(the following has been redacted)</p>{% endif %}
{% for invocation in report.run.invocations.values() %}
<h2>Invocation</h2>
<ul><li>cmd: <code>{{ invocation.cmd }}</code></li><li>rc: {{ invocation.rc }}</li>
<li>channel summary{% for channel in ('critical', 'error', 'warning') %} {{ channel }}:
{% if invocation[channel] %}<b>{{ invocation[channel] }}</b>{% else %}-{% endif %}{% endfor %}</li>
<li>results<ul>{% for testcase, result in invocation.results.items() %}
<li id="{{ testcase }}">{{ testcase }} {{ {1: '✔', -1: '✘'}.get(result, '⚠') }}</li>{% endfor %}</ul></li></ul>
<details><summary>stdout</summary><pre>{{ invocation.stdout | join('\\n') }}</pre></details>
<details{% if invocation.error or invocation.warning %} open{% endif %}><summary>stderr</summary><pre>
{%- for line in invocation.stderr %}
{% if bold(line) %}<b>{{ line }}</b>{% else %}{{ line }}{% endif %}{% endfor %}</pre></details>
{% endfor %}
"""

#: What the template itself is made of.
OWN = {"h1", "h2", "ul", "li", "a", "code", "p", "b", "details", "summary", "pre"}


class Seen(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text that people read."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.anchors: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.anchors |= {value for name, value in attrs if name == "id" and value}

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")


def redacted(report: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """What everybody may see, and whether anything was dropped."""
    dropped = False
    for invocation in report["run"]["invocations"].values():
        for stream, kept in (("stdout", r".*: (PASS|ABORT|FAIL)"), ("stderr", r"(WARNIN|ERROR:).*")):
            lines = [line for line in invocation[stream] if re.fullmatch(kept, line)]
            dropped = dropped or len(lines) < len(invocation[stream])
            invocation[stream] = lines
    return report, dropped


def shown(run: Run, *, public: bool = True) -> Seen:
    """The page about a run."""
    report, dropped = yaml.safe_load(render(run)), False
    if public:
        report, dropped = redacted(report)
    template = jinja2.Environment(autoescape=False).from_string(TEMPLATE)

    def bold(line: str) -> bool:
        return line.lower().startswith(("warning", "error", "critical"))

    return Seen(template.render(report=report, dropped=dropped, bold=bold))


HOSTILE = [
    "SCS-<script>alert(1)</script>",
    "SCS-2V-8<img src=x onerror=alert(1)>",
    "</pre></details><h1>All is well</h1>",
    "<!-- the rest of the page",
    "]]><![CDATA[",
    "&lt;script&gt;",
    "&#60;svg/onload=alert(1)&#62;",
    "a `code` b",
    "\u202elevel\u2066",
    "line\nINFO: scs-0100-one: PASS",
    "<a href='javascript:alert(1)'>x</a>",
]


def hostile(testcase: str, subject: Subject) -> Result:
    """A violation in which every text is a hostile one."""
    result = Result(testcase, subject, Verdict.FAIL, Verdict.FAIL, evidence={"<b>flavors</b>": 20})
    for number, name in enumerate(HOSTILE):
        hint = f"openstack flavor unset {name} --property {name}; openstack image create --file FILE MIN_DISK"
        result.findings.append(Finding(f"flavor {name}", name, name, name, hint=hint, resource_id=f"{number}{name}"))
    result.remarks = [Remark(name, f"flavor {name}") for name in HOSTILE]
    return result


@pytest.mark.parametrize("public", [True, False], ids=["public", "full"])
def test_no_element_out_of_a_cloud_arrives_and_no_placeholder_is_lost(
    make_run: Callable[..., Run], public: bool
) -> None:
    subject = Subject("openstack", "testcloud")
    cause = Cause(f"compute answers {' '.join(HOSTILE)}")
    results = {
        "scs-0100-one": hostile("scs-0100-one", subject),
        "four-check": Result("four-check", subject, Verdict.ABORT, Verdict.ABORT, cause=cause),
    }
    plain, seen = shown(make_run(), public=public), shown(make_run(results), public=public)
    assert set(seen.elements) <= OWN
    # Nothing but a line in bold for each line of ours came with what the cloud says.
    added = {tag: count - plain.elements[tag] for tag, count in seen.elements.items()}
    assert {tag for tag, count in added.items() if count} == {"b"}
    assert seen.attributes <= {"href", "id", "open"}
    assert seen.anchors == plain.anchors
    assert "flavor SCS-\u2039script\u203aalert(1)\u2039/script\u203a" in seen.text
    assert seen.text.count("--file FILE MIN_DISK") == len(HOSTILE)
    assert "redacted" not in seen.text
    # Entities stay what they were as text, and lines stay lines.
    assert "\uff06lt;script\uff06gt;" in seen.text
    assert not re.search(r"^(INFO|\s*scs-0100-one: PASS)", seen.text, re.MULTILINE)
    assert "\u202e" not in seen.text


def many(run_ids: Sequence[str], subject: Subject) -> Mapping[str, Result]:
    """As many failed testcases as there are names, each with 700 offenders of 712."""
    results = {}
    for testcase in run_ids:
        result = Result(testcase, subject, Verdict.FAIL, Verdict.FAIL, evidence={"images": 712})
        result.findings = [
            Finding(f"image <{number}>", "min_ram", "1", "0", hint=f"openstack image set --min-ram MB id{number}",
                    resource_id=f"id{number}")
            for number in range(700)
        ]  # fmt: skip
        results[testcase] = result
    return results


def test_of_six_testcases_with_700_offenders_each_keeps_its_count(mini: str, tmp_path: Any, make_run: Any) -> None:
    names = [f"scs-0102-part-{number}" for number in range(6)]
    declared = "".join(f"  - id: {name}\n" for name in names)
    listed = "".join(f"    - {name}\n" for name in names)
    text = mini.replace("  - id: scs-0102-three\n", declared).replace("    - scs-0102-three\n", listed)
    (tmp_path / "scs-compatible-mini.yaml").write_text(text)
    seen = shown(make_run(many(names, Subject("openstack", "testcloud"))))
    for name in names:
        assert f"ERROR: {name}: 700 of 712 images violate the rule\n" in seen.text
        [more] = re.findall(rf"ERROR: {name}: \.\.\. and (\d+) more\n", seen.text)
        offenders = re.findall(rf"ERROR: {name}: image \u2039\d+\u203a", seen.text)
        assert len(offenders) + int(more) == 700
        assert len(offenders) > 100
    # One invocation, 2000 lines, and nobody was dropped.
    assert seen.text.count("ERROR: ") <= 2000
    assert "redacted" not in seen.text


@pytest.mark.parametrize("line", ["<script>x</script>", "MIN_DISK=<MIN_DISK>"])
def test_the_page_here_would_show_what_is_not_escaped(make_run: Callable[..., Run], line: str) -> None:
    report, dropped = redacted(yaml.safe_load(render(make_run())))
    invocation = next(iter(report["run"]["invocations"].values()))
    invocation["stderr"] = [f"ERROR: {line}"]
    page = jinja2.Environment(autoescape=False).from_string(TEMPLATE)
    seen = Seen(page.render(report=report, dropped=dropped, bold=str.isupper))
    assert set(seen.elements) - OWN
