"""Clients as their makers publish them on PyPI, against a gateway. Prints one line of JSON with what the client saw.

Environment: GATEWAY, RPC, SECRET (base58 of a Solana keypair's 64 bytes), MODEL, VECTORS (a model that makes embeddings). Argument: which client.
"""
import asyncio
import json
import os
import sys

from openai import APIStatusError, AsyncOpenAI, pydantic_function_tool
from pydantic import BaseModel
from x402 import x402Client
from x402.http.clients import x402HttpxClient
from x402.mechanisms.svm import KeypairSigner
from x402.mechanisms.svm.exact.register import register_exact_svm_client

GATEWAY, RPC, SECRET, MODEL = (os.environ[name] for name in ("GATEWAY", "RPC", "SECRET", "MODEL"))
MESSAGES = [{"role": "user", "content": "hi"}]


def payer():
    return register_exact_svm_client(x402Client(), KeypairSigner.from_base58(SECRET), rpc_url=RPC)


def openai():
    return AsyncOpenAI(base_url=f"{GATEWAY}/v1", api_key="unused", http_client=x402HttpxClient(payer(), timeout=60), max_retries=0)


async def whole():
    async with openai() as client:
        raw = await client.chat.completions.with_raw_response.create(model=MODEL, messages=MESSAGES, max_tokens=32, seed=7, stop=["\n"], logprobs=True, top_logprobs=1)
        completion = raw.parse()
        return {"text": completion.choices[0].message.content, "finish": completion.choices[0].finish_reason, "usage": completion.usage.model_dump(),
                "logprobs": [each.model_dump() for each in completion.choices[0].logprobs.content], "job": completion.model_extra["nyxos"]["job"], "id": raw.headers["x-request-id"], "routing": raw.headers["nyxos-routing"]}


async def stream():
    pieces, finish, usage = [], None, None
    async with openai() as client:
        async for chunk in await client.chat.completions.create(model=f"{MODEL}:open", messages=MESSAGES, max_tokens=32, stream=True, stream_options={"include_usage": True}):
            for choice in chunk.choices:
                if choice.delta.content:
                    pieces.append(choice.delta.content)
                finish = choice.finish_reason or finish
            usage = chunk.usage.model_dump() if chunk.usage else usage
    return {"pieces": pieces, "finish": finish, "usage": usage}


async def choices():
    texts, finishes, usage = {}, {}, None
    async with openai() as client:
        whole = await client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=32, n=2, seed=7)
        old = await client.completions.create(model=MODEL, prompt="hi", max_tokens=32, n=2)
        async for chunk in await client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=32, n=2, stream=True, stream_options={"include_usage": True}):
            for choice in chunk.choices:
                texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
                if choice.finish_reason:
                    finishes[choice.index] = choice.finish_reason
            usage = chunk.usage.model_dump() if chunk.usage else usage
        async with client.chat.completions.stream(model=MODEL, messages=MESSAGES, max_tokens=32, n=2) as stream:
            gathered = await stream.get_final_completion()
    return {"whole": [choice.message.content for choice in whole.choices], "indices": [choice.index for choice in whole.choices], "usage": whole.usage.model_dump(),
            "old": [choice.text for choice in old.choices], "texts": [texts[i] for i in sorted(texts)], "finishes": [finishes[i] for i in sorted(finishes)], "streamed": usage,
            "gathered": [choice.message.content for choice in gathered.choices]}


class Weather(BaseModel):
    city: str


class Place(BaseModel):
    city: str
    population: float


async def parse():
    async with openai() as client:
        completion = await client.chat.completions.parse(model=MODEL, messages=MESSAGES, max_tokens=32, response_format=Place)
        tool = pydantic_function_tool(Weather, name="get_weather")
        called = await client.chat.completions.parse(model=MODEL, messages=MESSAGES, max_tokens=32, tools=[tool], tool_choice="required", parallel_tool_calls=False)
        async with client.chat.completions.stream(model=MODEL, messages=MESSAGES, max_tokens=32, tools=[tool]) as stream:
            streamed = await stream.get_final_completion()
        call = called.choices[0].message.tool_calls[0]
        return {"parsed": completion.choices[0].message.parsed.model_dump(), "name": call.function.name, "arguments": call.function.parsed_arguments.model_dump(),
                "finish": called.choices[0].finish_reason, "streamed": streamed.choices[0].message.tool_calls[0].function.arguments}


async def agent():
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    asked = []
    async with openai() as client:
        model = OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=client))
        helper = Agent(model, instructions="Answer in a word.", model_settings={"max_tokens": 32})

        @helper.tool_plain
        def get_weather(city: str) -> str:
            """What the sky does."""
            asked.append(city)
            return "rain"

        run = await helper.run("What is the weather in Bern?")
        async with helper.run_stream("And now?") as streamed:
            pieces = [piece async for piece in streamed.stream_text(delta=True)]
    return {"asked": asked, "text": run.output, "requests": run.usage.requests, "tokens": run.usage.total_tokens, "streamed": "".join(pieces)}


async def surface():
    async with openai() as client:
        models = [model.id async for model in client.models.list()]
        one = await client.models.retrieve(MODEL)
        old = await client.completions.create(model=MODEL, prompt="hi", max_tokens=32)
        errors = []
        for more in ({"model": "no-such-model"}, {"n": 9}, {"logit_bias": {"5": 1}}, {"presence_penalty": 1}, {"top_p": 2}):
            try:
                await client.chat.completions.create(**{"model": MODEL, "messages": MESSAGES, **more})
            except APIStatusError as error:
                errors.append({"name": type(error).__name__, "code": error.code, "param": error.param, "type": error.type, "id": error.request_id})
        return {"models": models, "context": one.model_extra["context_length"], "old": old.choices[0].text, "errors": errors}


async def embed():
    async with openai() as client:
        model = os.environ["VECTORS"]
        many = await client.embeddings.create(model=model, input=["hello world", "world"])
        plain = await client.embeddings.create(model=model, input="hello world", encoding_format="float", dimensions=4, user="me")
        errors = []
        for more in ({"input": [1, 2, 3]}, {"dimensions": 3}, {"model": MODEL}):
            try:
                await client.embeddings.create(**{"model": model, "input": "hello", **more})
            except APIStatusError as error:
                errors.append({"name": type(error).__name__, "code": error.code, "param": error.param})
        return {"vectors": [each.embedding for each in many.data], "indices": [each.index for each in many.data], "usage": many.usage.model_dump(), "model": many.model,
                "plain": plain.data[0].embedding, "charge": plain.model_extra["nyxos"]["charge"], "errors": errors}


async def mcp():
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client
    from x402.mcp import x402MCPSession

    async with streamablehttp_client(f"{GATEWAY}/mcp") as (read, write, _), ClientSession(read, write) as session:
        agent = x402MCPSession(session, payer())
        await agent.initialize()
        tools = [tool.name for tool in (await agent.list_tools()).tools]
        models = await agent.call_tool("list_models")
        reply = await agent.call_tool("infer", {"model": MODEL, "max_tokens": 32, "messages": MESSAGES})
        vectors = await agent.call_tool("embed", {"model": os.environ["VECTORS"], "input": ["hello", "world"]})
        return {"embedded": len(vectors.structured_content["data"]) if hasattr(vectors, "structured_content") else vectors.content[0].text, "tools": tools, "free": models.payment_made, "error": reply.is_error, "paid": reply.payment_made, "text": reply.content[0].text,
                "transaction": reply.payment_response.transaction, "success": reply.payment_response.success}


print(json.dumps(asyncio.run({"whole": whole, "stream": stream, "choices": choices, "surface": surface, "parse": parse, "embed": embed, "agent": agent, "mcp": mcp}[sys.argv[1]]())))
