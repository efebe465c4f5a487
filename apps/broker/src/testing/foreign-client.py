"""A stranger's app on python-socketio: it pairs, asks, unpairs, and sends what has no request without any argument.

Arguments: the broker's address, a pairing code. Prints one JSON object for each answer, in the order of its calls.
"""

import asyncio
import json
import sys

import socketio

# Generous: a busy machine may need a hundred times as long as an idle one.
WITHIN_S = 30


async def main(url: str, code: str) -> None:
    client = socketio.AsyncClient(reconnection=False)
    answers: asyncio.Queue = asyncio.Queue()

    @client.on("*")
    async def heard(event, data=None):
        if event.startswith("app:") and event != "app:session":
            await answers.put({"event": event, "data": data})

    async def told() -> None:
        print(json.dumps(await asyncio.wait_for(answers.get(), WITHIN_S)), flush=True)

    await client.connect(url, transports=["websocket"])
    await client.emit("app:pair", {"pairingCode": code})
    await told()
    await client.emit("app:pairing:status")
    await told()
    print(json.dumps({"acknowledged": await client.call("app:pairing:status", timeout=WITHIN_S)}), flush=True)
    await told()
    await client.emit("app:unpair")
    await told()
    await client.emit("app:unpair", None)
    await told()
    await client.disconnect()


asyncio.run(main(*sys.argv[1:3]))
