# expect: error
# An event loop has sockets of its own.
import asyncio


async def call_home():
    reader, writer = await asyncio.open_connection("1.1.1.1", 443)
    writer.write(b"hello")
    print("BREACH")


asyncio.run(call_home())
