"""Many inputs, one after the other: what fails is named at the end, and stops nothing else."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path

import typer
from rich.console import Console

from audio.errors import BadInput, HeardError, StoreError
from audio.memory import keep_freed_memory
from monitor.analyze import Analyzer, Options
from monitor.cli.log import failure_sentence, start_log
from monitor.cli.output import JsonLines, make_folder, write_text
from monitor.cli.progress import Bar
from monitor.records import CallReport, Role
from monitor.redact import redact_facts
from monitor.settings import Settings
from monitor.store import Run, Store, given_side, record_run
from monitor.terminal import print_report
from monitor.transcripts import is_transcript

INTERRUPTED = 130


class Runner:
    """The inputs of one `heard analyze`, and where their reports go."""

    def __init__(
        self,
        settings: Settings,
        *,
        keep: bool,
        replace: bool,
        json: str | None,
        json_dir: Path | None,
        quiet: bool,
        full: bool,
    ) -> None:
        keep_freed_memory()
        self._settings = settings
        self._log = start_log(settings.log)
        self._lines = JsonLines(json) if json else None
        self._json_dir = json_dir
        self._console = None if quiet or json == "-" else Console()
        self._full = full
        self._replace = replace
        self._analyzer = Analyzer(settings)
        self._store = Store.open(settings.store) if keep else None
        self._seen: dict[str, tuple[Path, str]] = {}
        """By call id, the input of this run that has it, and the hash of its content."""
        self._named: dict[str, Path] = {}
        """By file name in --json-dir, the input that it was written for."""

    def run(self, paths: Sequence[Path], *, side: Role | None, call_id: str | None) -> int:
        """Analyse all inputs; the exit code is 0, 1 if some failed, 130 if the user stopped it."""
        options = options_from(self._settings, side=side, call_id=call_id)
        failures: list[tuple[Path, str]] = []
        done = 0
        if side is None and len(paths) > 1:
            self._analyzer.expect(paths)
        try:
            for number, path in enumerate(paths, 1):
                label = f"{path.name} ({number}/{len(paths)})" if len(paths) > 1 else path.name
                began = datetime.now(UTC)
                try:
                    report = self._one(path, options, label, then=next(iter(paths[number:]), None))
                    self._record(began, path, report=report)
                    done += 1
                except HeardError as error:
                    failures.append((path, str(error)))
                    self._record(began, path, error=str(error))
                except Exception as error:
                    failures.append((path, failure_sentence(str(path), error, self._log)))
                    self._record(began, path, error=failures[-1][1])
        except KeyboardInterrupt:
            typer.echo(f"\nheard: stopped; {_kept(done, len(paths), self._store)}.", err=True)
            _name(failures, len(paths))
            return INTERRUPTED
        finally:
            self._close()
        _name(failures, len(paths))
        return 1 if failures else 0

    def _one(self, path: Path, options: Options, label: str, *, then: Path | None) -> CallReport:
        target, content, chosen = self._checked(path, options)
        with Bar(label) as bar:
            examined = self._analyzer.examine(path, chosen, bar, then=self._worth_hearing(then, options))
        report = examined.report
        self._check_id(report.call_id, path, content)
        # Clips are cut from the recording later, from whatever folder the user is then in.
        report = report.model_copy(update={"source": str(path.resolve())})
        self._seen[report.call_id] = (path, content)
        if self._store is not None:
            self._store.save(
                report,
                content_sha256=content,
                waveform=examined.waveform,
                mentions=examined.mentions,
                kept=examined.kept,
                replace=self._replace,
            )
        if target is not None:
            write_text(report.to_json(indent=2) + "\n", target)
        if self._lines is not None:
            self._lines.write(report.to_json())
        self._print(report)
        return report

    def _checked(self, path: Path, options: Options) -> tuple[Path | None, str, Options]:
        """Where an input's report goes, the hash of its content and what was chosen for it; known before the long work."""
        target = self._json_target(path)
        content = fingerprint(path)
        if not is_transcript(path):  # A transcript may name its own id, and is read in no time.
            self._check_id(options.call_id or path.stem, path, content)
            options = self._as_reviewed(options, options.call_id or path.stem)
        return target, content, options

    def _worth_hearing(self, path: Path | None, options: Options) -> tuple[Path, Options] | None:
        """The next input, if nothing is known to be wrong with it; its turn comes, and what is wrong is told then."""
        with suppress(HeardError):
            if path is not None and not is_transcript(path):
                return path, self._checked(path, options)[2]
        return None

    def _as_reviewed(self, options: Options, call_id: str) -> Options:
        """The options, with the agent on the side where a reviewer says; the user's own word of now beats it."""
        if self._store is None or self._replace or options.agent != "auto" or options.side:
            return options
        side = given_side(self._store, call_id)
        return options.model_copy(update={"agent": side}) if side else options

    def _record(self, began: datetime, path: Path, *, report: CallReport | None = None, error: str = "") -> None:
        """Keep in the store that this input was analysed, or why not; the store's own failures are told already."""
        if self._store is None:
            return
        run = Run(
            at=began,
            took_s=(datetime.now(UTC) - began).total_seconds(),
            source=str(path.resolve()),
            call_id=report and report.call_id,
            outcome="failed" if error else "analysed",
            error=error,
            heard=version("heard"),
            models=report.provenance.models if report else {},
            rules=self._analyzer.rules.fingerprint,
            duration_s=report.duration_s if report else 0.0,
        )
        with suppress(StoreError):
            record_run(self._store, run, rules_json=self._analyzer.rules.to_json())

    def _print(self, report: CallReport) -> None:
        if self._console is not None:
            print_report(report, self._console, full=self._full)

    def _check_id(self, call_id: str, path: Path, content: str) -> None:
        """Refuse a call id that another recording has, in this run or in the store."""
        other, others_content = self._seen.get(call_id, (path, content))
        if others_content != content:
            raise BadInput(
                f"{path} has the same call id as {other}, {call_id}, and is another recording; "
                "analyze it on its own with a --call-id."
            )
        if self._store is not None and not self._replace:
            self._store.check_free(call_id, source=str(path), content_sha256=content)

    def _json_target(self, path: Path) -> Path | None:
        """Where --json-dir has this input's report; refused where that would overwrite another's, or the input."""
        if self._json_dir is None:
            return None
        target = self._json_dir / f"{path.stem}.json"
        if target.resolve() == path.resolve():
            raise BadInput(f"{path} would be overwritten by its own report; choose another --json-dir.")
        other = self._named.setdefault(target.name, path)
        if other.resolve() != path.resolve():
            raise BadInput(
                f"{path} has the same name as {other}, so {target} would hold only one of their reports; "
                "rename one, or give it another --json-dir."
            )
        make_folder(self._json_dir)
        return target

    def _close(self) -> None:
        self._analyzer.close()
        if self._lines is not None:
            self._lines.close()
        if self._store is not None:
            self._store.close()


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises BadInput where it cannot be read."""
    if path.exists() and not path.is_file():
        raise BadInput(
            f"{path} is a folder, not a recording; name the files in it."
            if path.is_dir()
            else f"{path} is not a regular file; copy the recording to one first."
        )
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; check the name.") from None
    except PermissionError:
        raise BadInput(f"{path} may not be read by this user; change its permissions.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error


def write_facts(settings: Settings, path: Path, *, side: Role | None, target: str) -> None:
    """Write what is heard in one call as JSON, every sound's likelihood by the second with it, personal data redacted."""
    log = start_log(settings.log)
    try:
        with Bar(path.name) as bar:
            options = options_from(settings, side=side).model_copy(update={"sound_scores": True})
            heard = Analyzer(settings).hear(path, options, bar)
    except HeardError:
        raise
    except Exception as error:
        raise HeardError(failure_sentence(str(path), error, log)) from error
    facts = redact_facts(heard.facts)
    write_text(facts.model_dump_json(indent=2) + "\n", None if target == "-" else Path(target))


def options_from(settings: Settings, *, side: Role | None, call_id: str | None = None) -> Options:
    """The options of one call that come from the settings, and those that were given for it."""
    return Options(
        language=settings.language, agent=settings.agent, channels=settings.channels, side=side, call_id=call_id
    )


def _kept(done: int, total: int, store: Store | None) -> str:
    kept = f" and kept in {store.name}" if store is not None and done else ""
    return f"{done} of {total} {'call is' if total == 1 else 'calls are'} analysed{kept}"


def _name(failures: Sequence[tuple[Path, str]], total: int) -> None:
    """Say which inputs failed, and why, on standard error."""
    if not failures:
        return
    if total > 1:
        typer.echo(f"\nheard: {len(failures)} of {total} calls could not be analysed:", err=True)
    for path, reason in failures:
        named = reason if str(path) in reason else f"{path}: {reason}"
        typer.echo(f"  {named}" if total > 1 else f"heard: {named}", err=True)
