"""How schemathesis signs in: as the administrator that `cargo xtask test` created."""

import os

import requests
import schemathesis


@schemathesis.auth()
class SignedIn:
    def get(self, case, context):
        response = requests.post(
            os.environ["PARLOUR_URL"] + "/v1/sessions",
            json={"username": "wren", "password": os.environ["PARLOUR_PASSWORD"]},
            timeout=30,
        )
        response.raise_for_status()
        return response.json()["token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"
