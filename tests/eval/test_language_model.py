"""Evaluation with a language model: judges, references that write, and a plain refusal where none is set.

The model is a server on this machine that speaks OpenAI's protocol and answers as each test says.
"""

import json
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from made_results import DEVELOPMENT, FIXED, right

from corpus import Settings, settings
from eval.__main__ import main
from eval.figures import Judged
from eval.judges import judge, read_verdicts, score_of
from eval.reference import Chunk, nothing_remote, record, writing
from indexing.endpoint import language_model


@contextmanager
def serving(reply):
    """An endpoint; ``reply`` makes the text (``None``: a fault of the server) out of the whole prompt."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            text = reply("\n".join(str(message["content"]) for message in body["messages"]))
            said = "delta" if body.get("stream") else "message"
            data = json.dumps({
                "id": "1", "object": "chat.completion.chunk" if said == "delta" else "chat.completion", "created": 1, "model": body["model"],
                "choices": [{"index": 0, "finish_reason": "stop", said: {"role": "assistant", "content": text}}],
            })
            self.send_response(200 if text is not None else 400)
            self.send_header("content-type", "text/event-stream" if said == "delta" else "application/json")
            self.end_headers()
            self.wfile.write((f"data: {data}\n\ndata: [DONE]\n\n" if said == "delta" else data).encode())

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


@pytest.fixture
def chosen(monkeypatch):
    """Sets the endpoint as a person does, in the environment."""

    def choose(url):
        monkeypatch.setenv("GAZETTE_LLM_URL", url)
        monkeypatch.setenv("GAZETTE_LLM_MODEL", "judge" if url else "")
        settings.cache_clear()
        return settings()

    yield choose
    settings.cache_clear()


def judging(prompt):
    """Faithful, not relevant, 4.5: each judge is known by its own prompt."""
    if "between 1 and 5" in prompt:
        return "4.5\n与参考答案一致。"
    return "NO" if "Question:" in prompt else "YES"


def test_each_judge_sees_answer_clauses_and_reference(by_id, texts, chosen):
    seen = []

    def reply(prompt):
        seen.append(prompt)
        return judging(prompt)

    question = by_id["cy-004"]
    with serving(reply) as url:
        found = judge(Judged(question, right(question, texts), texts), language_model(chosen(url)))
    assert (found["faithfulness"], found["relevancy"], found["correctness"]) == (1.0, 0.0, 4.5)
    assert any(question.gold[0].evidence[:20] in prompt for prompt in seen)
    assert any(question.answer in prompt and question.question in prompt for prompt in seen)


@pytest.mark.parametrize(("reply", "score"), [("4.5\n好", 4.5), ("3", 3.0), ("Score: 5, as the reference", 5.0), ("", None), ("好极了", None)])
def test_a_score_is_read_wherever_it_stands(reply, score):
    assert score_of(reply)[0] == score


def test_a_run_is_judged_and_the_report_shows_it(tmp_path, chosen, capsys):
    shutil.copy(FIXED / "results.jsonl", tmp_path / "results.jsonl")
    asked = ["--questions", str(FIXED / "questions.jsonl"), "--results", str(tmp_path)]
    with serving(judging) as url:
        chosen(url)
        assert main(["judge", *asked]) == 0
    verdicts = read_verdicts(tmp_path)
    assert verdicts.model == "judge"
    assert verdicts.figures["faithfulness"].mean == 1.0 and verdicts.figures["correctness"].mean == 4.5
    assert 0 < verdicts.figures["relevancy"].n < 81  # what was refused has nothing to judge
    assert main(["judge", *asked]) == 0  # judged already: the endpoint, gone by now, is not asked
    assert main(["report", *asked]) == 0
    assert "语言模型评判" in (tmp_path / "report.html").read_text("utf-8")


def test_an_endpoint_that_fails_is_told_in_one_line(tmp_path, chosen, capsys):
    shutil.copy(FIXED / "results.jsonl", tmp_path / "results.jsonl")
    with serving(lambda prompt: None) as url:
        chosen(url)
        assert main(["judge", "--questions", str(FIXED / "questions.jsonl"), "--results", str(tmp_path)]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("error: the language model does not answer (") and told.endswith("goes on where it was")


@pytest.mark.parametrize(
    "arguments", [["run", "--with-model", "--out", "{}/out"], ["judge", "--results", "{}"], ["ask-around", "--with-model", "--out", "{}/out"]]
)
def test_without_an_endpoint_a_model_is_refused_with_the_settings_to_set(tmp_path, chosen, capsys, arguments):
    chosen("")
    assert main([argument.format(tmp_path) for argument in arguments]) == 1
    told = capsys.readouterr().err
    assert "GAZETTE_LLM_URL" in told and "GAZETTE_LLM_MODEL" in told and told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_reference_writes_with_the_model_over_its_chunks(by_id, texts, chosen):
    source = "chaoyang-2021-02.txt"
    chunks = [(Chunk(source, start, start + 300, texts.raw[source][start : start + 300]), 1.0) for start in (1000, 2000, 3000)]
    with nothing_remote(), serving(lambda prompt: f"{len(prompt) > 600} {chunks[2][0].text[:50] in prompt}") as url:
        result = record(by_id["cy-004"], lambda question: chunks, writing(language_model(chosen(url))))
    assert result["answer"] == "True False"  # the first two chunks, not the third
    assert len(result["citations"]) == 2


def test_a_run_without_the_flag_asks_no_model(tmp_path, chosen):
    """The endpoint of the settings is not even reachable."""
    chosen("http://127.0.0.1:9/v1")
    assert main(["run", "--out", str(tmp_path), "--limit", "2", "--questions", str(DEVELOPMENT)]) == 0
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["language_model"] == ""
    assert "generation" not in (tmp_path / "results.jsonl").read_text("utf-8")


def test_a_run_with_the_flag_lets_the_model_write_and_says_so(tmp_path, chosen, capsys):
    asked = ["--questions", str(DEVELOPMENT)]
    with serving(lambda prompt: "按规定办理。[1]") as url:
        chosen(url)
        assert main(["run", "--with-model", "--out", str(tmp_path), "--limit", "2", *asked]) == 0
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["language_model"] == "judge"
    records = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text("utf-8").splitlines()]
    assert [record["generation"]["model"] for record in records] == ["judge"] * 2
    assert main(["figures", "--results", str(tmp_path), *asked]) == 0
    assert "written_by_model" in capsys.readouterr().out


def test_secrets_of_the_settings_are_not_kept_with_a_run():
    from eval.provenance import DECIDING

    assert set(DECIDING) <= Settings.model_fields.keys()
    assert not {"llm_key", "database"} & set(DECIDING)
