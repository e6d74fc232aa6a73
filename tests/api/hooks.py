"""How schemathesis signs in: as the administrator whom `cargo xtask test` made."""

import os

import requests
import schemathesis


@schemathesis.auth()
class SignedIn:
    def get(self, case, context):
        answer = requests.post(
            os.environ["PARLOUR_URL"] + "/v1/sessions",
            json={"username": "wren", "password": os.environ["PARLOUR_PASSWORD"]},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()["token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"
