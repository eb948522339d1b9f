"""The README of an exported run, for an auditor who has never seen this project."""

from __future__ import annotations

from collections.abc import Iterator

from opslib.coverage import distinct_gaps
from opslib.present.markdown import markdown_text
from opslib.runner.history import PastRun

__all__ = ["archive_readme"]

WHAT_IS_WHAT = {
    "report.html": "the report. It opens in any browser, without a network.",
    "report.ipynb": "the same with the code of each step, for Jupyter.",
    "findings.json": "what it concludes, for machines: answers, findings, figures, gaps.",
    "tables/": "the numbers of the report, as Parquet and as CSV. A finding names its tables.",
    "exports/": "files for other tools.",
    "evidence/": "what was read from AWS and from databases, without secrets; `index.json` lists "
    "it.",
    "ledger.json": "how often each operation of AWS was called, and what that cost.",
    "actions.jsonl": "each change that a drill made in AWS, written down before it was made.",
    "teardown.json": "what became of what a drill had made.",
    "since_last_run.json": "what is new, gone or changed since the run before.",
    "past_runs.json": "what earlier runs concluded, as this one knew them.",
    "past_tables/": "tables of earlier runs that this one went on with.",
    "run.json": "the manifest, an in-toto Statement: the SHA-256 of every file above; what was "
    "run, when, by which identity, with which parameters and versions; and the run before it.",
    "run.dsse.json": "the manifest again, in a signed DSSE envelope.",
}
CHECKS = """\
## Before you check

This page and `SHA256SUMS` are **not signed**: whoever could change a report could change them too.
Where that matters, take the commands from `docs/evidence.md` of the project, by the way by which
the public key comes to you. These need Python 3, OpenSSL 3 and GNU coreutils, and run in the
folder that this page is in.

## Check the files

    sha256sum --check --quiet SHA256SUMS

says nothing where every file is as the manifest lists it. `SHA256SUMS` is a copy of that list for
this command; the list itself is `subject` in `run.json`, and this compares both:

```sh
python3 - <<'END'
import hashlib, json, pathlib
run = pathlib.Path("{place}")
subjects = json.loads((run / "run.json").read_text())["subject"]
listed = {{f"{place}/{{each['name']}}": each["digest"]["sha256"] for each in subjects}}
found = {{p.as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
         for p in pathlib.Path().rglob("*") if p.is_file()}}
inside = {{name for name in found if name.startswith("{place}/")}}
inside -= {{"{place}/run.json", "{place}/run.dsse.json"}}
odd = sorted(name for name in listed.keys() | inside if listed.get(name) != found.get(name))
print("files:", odd or "as listed")
beside = sorted(name for name in found if not name.startswith("{place}/"))
print("beside the run, not listed:", beside)
END
```

Go on only where it says `files: as listed`. Beside the run belong `README.md`, `SHA256SUMS`, what
is in `{place}.after/`, the script that pages share in `reports/assets/`, and what you put there.
"""
SIGNED = """\
## Check the signatures

You need the public key, and must have it from somebody you trust: never from this archive. The
signature of the run is over the bytes of `run.json`; each later statement is signed by itself, and
names the SHA-256 of `run.json`:

```sh
python3 - PUBLIC.pem <<'END'
import base64, hashlib, json, pathlib, subprocess, sys, tempfile
manifest = pathlib.Path("{place}/run.json").read_bytes()
digest = hashlib.sha256(manifest).hexdigest()
run = pathlib.Path("{place}/run.dsse.json")
for file in [run, *sorted(pathlib.Path("{place}.after").glob("*.dsse.json"))]:
    envelope = json.loads(file.read_text())
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    of = [each["digest"]["sha256"] for each in json.loads(payload)["subject"]]
    fits = payload == manifest if file == run else of == [digest]
    with tempfile.TemporaryDirectory() as folder:
        signed, signature = pathlib.Path(folder, "signed"), pathlib.Path(folder, "signature")
        signed.write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
        signature.write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", sys.argv[1],
                               "-rawin", "-in", signed, "-sigfile", signature], capture_output=True)
    print("as signed:" if fits and done.returncode == 0 else "NOT AS SIGNED:", file)
END
```

Each line must say `as signed`. The key that signed names itself `{keyid}`. A sign-off is signed by
that key too: it records in whose name somebody who may use the key signed off, and does not prove
that it was them.

**What this archive cannot show:** that no run before or after this one was left out. For that, ask
for the whole folder `reports/` and for the signed heads, and run `opslib verify reports/ --key
PUBLIC.pem --head HEADS`. With opslib, the checks above are one command, which says `tail unproven`
and ends with 5 for that reason:

    opslib verify {place} --key PUBLIC.pem
"""
UNSIGNED = """\
## No signature

This run is **unsigned**{why}. The digests show that the files fit together; they do not show who
made them, nor that all of them were not made anew.
"""
REPLAY = """\
## Make the report again

In a clone of the project that made it, at commit `{commit}` (version {version}), say `make
environment`; then, in the folder that this page is in and without any access to AWS:

    OPSLIB_PROJECT=CLONE CLONE/.venv/bin/opslib replay {place}

runs the notebook from `evidence/` alone, and says `equal`, or what differs. It shows that the
report follows from what was read; not that what was read is what AWS had.
"""


def archive_readme(run: PastRun, place: str) -> str:
    """Return the README of a run's archive, Markdown.

    Args:
        run: which one.
        place: of its folder within the archive.
    """
    manifest = run.manifest
    is_signed = bool(manifest.keyid) and not manifest.unsigned
    why = f": {markdown_text(manifest.unsigned)}" if manifest.unsigned else ""
    trust = SIGNED if is_signed else UNSIGNED
    parts = (
        "\n".join(_head(run, place)),
        CHECKS.format(place=place),
        trust.format(place=place, keyid=manifest.keyid, why=why),
        REPLAY.format(
            place=place, commit=manifest.commit or "unknown", version=manifest.opslib_version
        ),
    )
    return "\n".join(parts)


def _head(run: PastRun, place: str) -> Iterator[str]:
    manifest = run.manifest
    assert run.findings is not None, "a failed run has no report"
    yield f"# {markdown_text(manifest.question)}\n"
    yield (
        "A report on systems that run on Amazon Web Services, with everything it rests on. Begin "
        f"with `{place}/report.html`.\n"
    )
    yield f"- Report: `{manifest.notebook}`, environment `{manifest.environment}`"
    yield f"- Speaks of: {markdown_text(str(manifest.parameters.get('as_of', 'unknown')))}"
    if manifest.endpoints:
        yield f"- **Calls to AWS were answered by** {', '.join(manifest.endpoints)}"
    yield f"- Ran: {manifest.started} to {manifest.finished} (UTC)"
    unseen = len(distinct_gaps(run.findings.coverage))
    yield f"- Gaps: {unseen}; the report lists each under what could not be seen\n"
    yield "## What is what\n"
    yield f"In `{place}/`:\n"
    yield from (f"- `{name}`: {what}" for name, what in WHAT_IS_WHAT.items())
    yield f"\nWhat does not apply to this report is not there. `{place}.after/`, where it is "
    yield "there, holds what was said of the run later (sign-offs, deliveries, holds), each signed "
    yield "by itself and bound to the SHA-256 of `run.json`.\n"
    yield "An answer is `pass`, `fail` or `inconclusive`: what could not be seen is never a pass.\n"
