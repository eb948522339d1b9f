"""The README of an exported run, for an auditor who has never seen this project."""

from __future__ import annotations

from collections.abc import Iterator

from opslib.coverage import gaps
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
## Check the files

    sha256sum --check --quiet SHA256SUMS

says nothing where every file is as the manifest lists it. `SHA256SUMS` is a copy of that list for
this command; the list itself is `subject` in `run.json`, and this compares both, and tells files
that are not listed:

```sh
python3 - <<'END'
import hashlib, json, pathlib
run = pathlib.Path("{place}")
subjects = json.loads((run / "run.json").read_text())["subject"]
listed = {{each["name"]: each["digest"]["sha256"] for each in subjects}}
found = {{p.relative_to(run).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
         for p in run.rglob("*") if p.is_file()}}
for name in ("run.json", "run.dsse.json"):
    found.pop(name, None)
odd = sorted({{name for name, digest in set(found.items()) ^ set(listed.items())}})
print("files:", odd or "as listed")
END
```
"""
SIGNED = """\
## Check the signature

You need the public key, and must have it from somebody you trust: never from this archive. The
signature is over the bytes of `run.json`, so this writes what was signed, and openssl checks it:

```sh
python3 - <<'END'
import base64, json, pathlib
run = pathlib.Path("{place}")
envelope = json.loads((run / "run.dsse.json").read_text())
payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
assert payload == (run / "run.json").read_bytes(), "run.json is not what was signed"
signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
pathlib.Path("signed.bin").write_bytes(signed)
pathlib.Path("signature.bin").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
END
openssl pkeyutl -verify -pubin -inkey PUBLIC.pem -rawin -in signed.bin -sigfile signature.bin
```

For a key of AWS KMS (ECDSA): `openssl dgst -sha256 -verify PUBLIC.pem -signature signature.bin
signed.bin`. The key that signed names itself `{keyid}`.

With opslib (`pip install` it from the commit below) all of this, the statements that came after,
and the place in the chain of runs are one command:

    opslib verify {place} --key PUBLIC.pem
"""
UNSIGNED = """\
## No signature

This run is **unsigned**{why}. The digests show that the files fit together; they do not show who
made them, nor that all of them were not made anew.
"""
REPLAY = """\
## Make the report again

With opslib at commit `{commit}` (version {version}), without any access to AWS:

    opslib replay {place}

runs the notebook from `evidence/` alone, and says `equal`, or what differs.
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
    yield f"- Ran: {manifest.started} to {manifest.finished} (UTC)"
    unseen = len(gaps(run.findings.coverage))
    yield f"- Reads that left a gap: {unseen}; the report lists each under its coverage\n"
    yield "## What is what\n"
    yield f"In `{place}/`:\n"
    yield from (f"- `{name}`: {what}" for name, what in WHAT_IS_WHAT.items())
    yield f"\nWhat does not apply to this report is not there. `{place}.after/`, where it is "
    yield "there, holds what was said of the run later (sign-offs, deliveries, holds), each signed "
    yield "by itself and bound to the SHA-256 of `run.json`.\n"
    yield "An answer is `pass`, `fail` or `inconclusive`: what could not be seen is never a pass.\n"
