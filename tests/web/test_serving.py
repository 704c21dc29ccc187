"""Every page goes over to a new index, and none keeps the one before in memory."""

from __future__ import annotations

import gc
import shutil
import weakref

from fastapi.testclient import TestClient

from assistant import Assistant
from assistant.current import Current
from assistant.records import Database, Operators
from assistant.web.app import create_app
from assistant.web.served import Served
from corpus import Corpus, settings
from indexing import Index, build

LEFT, GONE = "chaoyang-2021-02.txt", "西教发〔2022〕5号"
NAME, PASSWORD = "王敏", "an ordinary long password"


def visit(client: TestClient) -> dict[str, bool]:
    """Every kind of page once; which of them still know of a notice of another gazette."""
    client.get("/")
    client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "过年能放鞭炮吗"}]})
    client.post("/api/v1/ask", json={"question": "2021年朝阳区外省市户籍孩子上小学要什么条件"})
    client.get("/operator/notice", params={"key": "朝政办发〔2021〕4号"})
    return {
        "api": client.get(f"/api/v1/notices/{GONE}").is_success, "reader": client.get(f"/notices/{GONE}").is_success,
        "search": "西城" in client.get("/api/v1/search", params={"q": "小学入学"}).text, "list": GONE in client.get("/notices").text,
        "map": len(client.get("/sitemap.xml").text) > 5000, "console": client.get("/operator/notice", params={"key": GONE}).is_success,
        "typed": "西城" in client.get("/operator/search", params={"q": "小学入学"}).text, "review": "西城区" in client.get("/operator/review").text,
    }


def test_every_page_goes_over_to_a_new_index_and_lets_go_of_the_old(assistant, chosen, tmp_path):
    folder = shutil.copytree(settings().index_folder, tmp_path / "index")
    own = chosen.model_copy(update={"database": f"sqlite:///{tmp_path / 'records.sqlite'}"})
    current = Current(Index.load(folder, encoder=assistant.index.encoder), lambda index: Served(Assistant(index, own)), folder=folder)
    client = TestClient(create_app(current, own))
    Operators(Database(own.database)).add(NAME, PASSWORD)
    client.post("/operator/login", data={"name": NAME, "password": PASSWORD}).raise_for_status()
    assert all(visit(client).values())
    before = weakref.ref(current().index)
    build(
        corpus=Corpus(tuple(parsed for parsed in assistant.index.corpus.parsed if parsed.gazette.source == LEFT)),
        folder=folder, progress=False, encoder=assistant.index.encoder,
    )
    assert current.renew()
    assert not any(visit(client).values())
    gc.collect()
    assert before() is None
