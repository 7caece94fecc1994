import { h, table, facts } from "./dom.js";
import { get } from "./api.js";
import { amount, attestation, count, key, link, millis, percent, short, state, symbolOf, tags, time, whole } from "./format.js";

// Rows that the present view has shown already; what is drawn beside them later is marked as fresh.
const known = { batches: new Set(), jobs: new Set(), reported: new Set(), nodes: new Set(), events: new Set(), validators: new Set(), models: new Set(), disputes: new Set() };

/** Forgets what was shown: another view begins, in which nothing is fresh. */
export function beginView() {
  for (const rows of Object.values(known)) rows.clear();
}

const money = (row, units) => amount(units, row.decimals ?? 0, symbolOf(row));

const batchLink = row => link(`#/batches/${encodeURIComponent(row.mint)}/${encodeURIComponent(row.seq)}`, `${symbolOf(row)} #${row.seq}`);
const jobLink = row => link(`#/jobs/${encodeURIComponent(row.job)}`, h("code", null, short(row.job)), row.job);
const nodeLink = nodeKey => nodeKey ? link(`#/nodes/${encodeURIComponent(nodeKey)}`, h("code", null, short(nodeKey)), nodeKey) : "–";

const walletLink = wallet => link(`#/wallets/${encodeURIComponent(wallet)}`, h("code", null, short(wallet)), wallet);

const contentLabel = content => {
  const labels = { verified: ["good", "checked against the chain"], refused: ["bad", "does not match the chain"], unavailable: ["warn", "not available"], waiting: ["", "not fetched yet"] };
  const [tone, text] = labels[content?.state] ?? ["", content?.state ?? "–"];
  return h("span", { class: "pill " + tone, title: content?.message ?? "" }, text);
};

function batchTable(rows) {
  return table("Batches", [
    { label: "Batch", head: true, cell: batchLink },
    { label: "State", cell: row => state(row.state) },
    { label: "Receipts", num: true, cell: row => count(row.receiptsCount) },
    { label: "Credited in all", num: true, cell: row => money(row, row.creditSum) },
    { label: "Payees", num: true, cell: row => count(row.payeeCount) },
    { label: "Content", cell: row => contentLabel(row.content) },
    { label: "Posted at slot", num: true, cell: row => count(row.postedSlot) },
  ], rows, { key: row => row.batch + row.state, known: known.batches, empty: "No batch has been posted yet." });
}

function jobTable(rows) {
  return table("Jobs on chain", [
    { label: "Job", head: true, cell: jobLink },
    { label: "State", cell: row => state(row.state) },
    { label: "Tier", cell: row => row.tier },
    { label: "Node", cell: row => nodeLink(row.node) },
    { label: "Tokens in / out", num: true, cell: row => `${count(row.tokensIn)} / ${count(row.tokensOut)}` },
    { label: "Charge", num: true, cell: row => money(row, row.charge) },
    { label: "Batch", cell: batchLink },
    { label: "Ended", cell: row => time(row.endedAt) },
  ], rows, { key: row => row.job + row.state, known: known.jobs, empty: "No job has reached the chain yet." });
}

function reportedTable(rows) {
  return table("Jobs reported by the relayer", [
    { label: "Job", head: true, cell: jobLink },
    { label: "State", cell: row => state(row.state) },
    { label: "Tier", cell: row => row.tier ?? "–" },
    { label: "Node", cell: row => nodeLink(row.node) },
    { label: "Charge", num: true, cell: row => row.charge ? money(row, row.charge) : "–" },
    { label: "Reason", cell: row => row.reason ?? "" },
  ], rows, { key: row => row.job + row.state, known: known.reported, empty: "Nothing is waiting." });
}

function nodeTable(rows) {
  return table("Nodes", [
    { label: "Node", head: true, cell: row => nodeLink(row.nodeKey) },
    { label: "State", cell: row => state(row.state) },
    { label: "Tiers", cell: row => tags(row.tiers) },
    { label: "Attestation", cell: row => attestation(row.attestation) },
    { label: "Bond", num: true, cell: row => amount(row.bond, row.bondDecimals ?? 0, row.bondSymbol) },
    { label: "Jobs", num: true, cell: row => count(row.jobs) },
    { label: "Paid to", cell: row => walletLink(row.payout) },
  ], rows, { key: row => row.nodeKey + row.state, known: known.nodes, empty: "No node has registered yet." });
}

const bonded = (row, units) => amount(units, row.bondDecimals ?? 0, row.bondSymbol);

function validatorTable(rows) {
  return table("Validators", [
    { label: "Validator", head: true, cell: row => key(row.validatorKey) },
    { label: "State", cell: row => state(row.state) },
    { label: "Bond", num: true, cell: row => bonded(row, row.bond) },
    { label: "Slashed", num: true, cell: row => row.slashedTotal === "0" ? "" : bonded(row, row.slashedTotal) },
    { label: "Bond back from slot", num: true, cell: row => row.unbondSlot === "0" ? "" : count(row.unbondSlot) },
    { label: "Paid to", cell: row => walletLink(row.payout) },
    { label: "Since slot", num: true, cell: row => count(row.registeredSlot) },
  ], rows, { key: row => row.validator + row.state, known: known.validators, empty: "No validator has registered yet." });
}

const OUTCOMES = { open: ["warn", "open"], proven: ["bad", "proved: the node lied"], node_silent: ["bad", "the node did not answer"], accuser_silent: ["", "the accuser did not go on"], given_up: ["", "given up"] };

function outcome(row) {
  const [tone, words] = OUTCOMES[row.state] ?? ["", row.state];
  return h("span", { class: "pill " + tone }, words);
}

/** Disputes about receipts, which the registry's program decides. */
function disputeTable(rows) {
  const ended = (row, units) => row.state === "open" ? "" : bonded(row, units);
  return table("Disputes", [
    { label: "Dispute", head: true, cell: row => key(row.dispute) },
    { label: "State", cell: outcome },
    { label: "Node", cell: row => nodeLink(row.node) },
    { label: "Accuser", cell: row => walletLink(row.accuser) },
    { label: "Receipt", cell: row => key(row.receiptHash) },
    { label: "Stake", num: true, cell: row => bonded(row, row.stake) },
    { label: "Rewarded", num: true, cell: row => ended(row, row.reward) },
    { label: "Burned", num: true, cell: row => ended(row, row.burned) },
    { label: "Move due before slot", num: true, cell: row => row.state === "open" ? count(row.deadlineSlot) : "" },
  ], rows, { key: row => row.dispute + row.state + row.deadlineSlot, known: known.disputes, empty: "No receipt has been disputed." });
}

/** Whether a slot has come, as far as the indexer knows the chain. */
const reached = (slot, status) => BigInt(slot) <= BigInt(status.chain.slot ?? status.indexed.slot ?? 0);

function modelTable(rows, status) {
  const pending = row => row.pendingSlot !== "0" && !reached(row.pendingSlot, status);
  const inForce = row => row.pendingSlot !== "0" && !pending(row) ? row.pendingRoyaltyBps : row.royaltyBps;
  return table("Models", [
    { label: "Model", head: true, cell: row => key(row.modelId) },
    { label: "State", cell: row => state(row.state) },
    { label: "Royalty", num: true, cell: row => percent(inForce(row)) },
    { label: "Announced", cell: row => pending(row) ? `${percent(row.pendingRoyaltyBps)} from slot ${count(row.pendingSlot)}` : "" },
    { label: "Royalty to", cell: row => walletLink(row.payee) },
    { label: "Publisher", cell: row => key(row.publisher) },
    { label: "Measurements allowed", num: true, cell: row => row.measurements.length === 0 ? "any" : count(row.measurements.length) },
  ], rows, { key: row => row.model + row.state, known: known.models, empty: "No model has been registered yet." });
}

const quorum = set => [`${count(set.threshold)} of ${count(set.verifiers.length)}: `, set.verifiers.map(verifier => [key(verifier), " "])];

/** What is announced and from which slot it can apply, in words. */
const from = (slot, status) => `from slot ${count(slot)}` + (reached(slot, status) ? ", which has come: anyone may apply it" : status.chain.slot === null ? "" : `, in ${count(BigInt(slot) - BigInt(status.chain.slot))} slots`);

function registryCard(row, status) {
  const next = row.proposal?.state === "pending" ? row.proposal : null;
  return h("div", { class: "card" }, h("h2", null, "Registry ", key(row.config)), facts([
    ["Takes new bonds", row.paused ? state("paused") : "yes"], ["Bond of a node", "at least " + bonded(row, row.minBond)], ["Bond of a validator", "at least " + bonded(row, row.minValidatorBond)],
    ["Unbonding", count(row.unbondingSlots) + " slots"], ["Disputes", row.answerSlots === "0" ? "none: the verifiers decide who lied" : `${count(row.answerSlots)} slots for each move`], ["Ever registered", `${count(row.nodeCount)} nodes, ${count(row.validatorCount)} validators`], ["Verifiers", quorum(row)],
    ["Proposed verifiers", next && [state(next.state), " ", from(next.effectiveSlot, status)]], ["", next && quorum(next)],
    ["Authority", whole(row.authority)], ["Authority offered to", whole(row.pendingAuthority)]]));
}

function marketCard(row, status) {
  const next = row.terms?.state === "proposed" ? row.terms : null;
  const windows = terms => `fee ${percent(terms.feeBps)}, challenge ${count(terms.challengeSlots)} slots, exit ${count(terms.exitSlots)} slots, direct ${count(terms.directSlots)} slots`;
  return h("div", { class: "card" }, h("h2", null, "Market ", key(row.market)), facts([
    ["Takes new money", row.paused ? state("paused") : "yes"], ["Terms", windows(row)], ["Verifiers", quorum(row)],
    ["Proposed terms", next && [state(next.state), " ", from(next.applySlot, status)]], ["", next && windows(next)], ["", next && quorum(next)],
    ["Operator", whole(row.operator)], ["Treasury", link(`#/wallets/${encodeURIComponent(row.treasury)}`, whole(row.treasury))], ["Registry", whole(row.registryConfig)],
    ["Authority", whole(row.authority)], ["Authority offered to", whole(row.nominee)]]));
}

/** Under which rules registries and markets run, and what is announced for them. */
async function rules(status) {
  const [registries, markets] = await Promise.all([get("/v1/registries?limit=100"), get("/v1/markets?limit=100")]);
  return [
    h("header", null, h("h1", null, "Rules"), h("p", { class: "crumb" }, "of registries and markets, and what is announced for them")),
    ...registries.items.map(row => registryCard(row, status)), ...markets.items.map(row => marketCard(row, status)),
    registries.items.length + markets.items.length === 0 && h("p", { class: "empty" }, "No registry and no market has been opened yet."),
  ];
}

function eventTable(rows) {
  return table("Events", [
    { label: "Event", head: true, cell: row => row.type },
    { label: "Program", cell: row => row.program },
    { label: "Slot", num: true, cell: row => count(row.slot) },
    { label: "Transaction", cell: row => key(row.signature) },
    { label: "Block time", cell: row => time(row.blockTime) },
  ], rows, { key: row => row.id, known: known.events, empty: "No event yet." });
}

function poolCard(pool) {
  const sums = { paid: BigInt(pool.claimed), owed: BigInt(pool.credited) - BigInt(pool.claimed), rest: BigInt(pool.inflow) - BigInt(pool.credited) };
  const total = BigInt(pool.inflow);
  const share = part => total === 0n ? 0 : Number(part * 10000n / total) / 100;
  const piece = (name, part) => { const span = h("span", { class: name }); span.style.width = share(part) + "%"; return span; };
  return h("article", { class: "card" },
    h("header", null, h("h2", null, symbolOf(pool)), h("span", { class: "quiet" }, key(pool.mint))),
    h("div", { class: "flow", role: "img", "aria-label": `Of everything paid in, ${share(sums.paid)} percent is claimed and ${share(sums.owed)} percent is credited and not yet claimed.` },
      piece("a", sums.paid), piece("b", sums.owed), piece("c", sums.rest)),
    h("dl", { class: "sums" },
      h("dt", null, "Paid in"), h("dd", null, amount(pool.inflow, pool.decimals)),
      h("dt", null, h("i", { class: "a" }), "Claimed by payees"), h("dd", null, amount(pool.claimed, pool.decimals)),
      h("dt", null, h("i", { class: "b" }), "Credited, not yet claimed"), h("dd", null, amount(sums.owed, pool.decimals)),
      h("dt", null, h("i", { class: "c" }), "Waiting for a batch"), h("dd", null, amount(sums.rest, pool.decimals)),
      h("div", { class: "rule" }),
      h("dt", null, "Deposited by payers"), h("dd", null, amount(pool.deposited, pool.decimals)),
      h("dt", null, "Collected from deposits"), h("dd", null, amount(pool.settled, pool.decimals)),
      h("dt", null, "Returned to payers"), h("dd", null, amount(pool.exited, pool.decimals))));
}

/** The tiles of the indexer's own condition. */
export function statusTiles(status) {
  const differences = status.reconciler.differences;
  const checked = status.reconciler.checkedAt;
  const tile = (name, value, note, tone) => h("div", { class: "tile" }, h("dt", null, name), h("dd", { class: tone }, value, h("small", null, note)));
  return h("dl", { class: "tiles" },
    tile("Slot", status.indexed.slot === null ? "–" : count(status.indexed.slot), status.chain.slot === null ? "chain not reached" : `of ${count(status.chain.slot)} on chain`),
    tile("Lag", status.indexed.lagSlots === null ? "–" : `${count(status.indexed.lagSlots)} ${status.indexed.lagSlots === 1 ? "slot" : "slots"}`,
      status.lag.p50Millis === null ? "no row measured yet" : `slot to row ${millis(status.lag.p50Millis)} median`, status.indexed.lagSlots > 150 ? "warn" : null),
    tile("Against accounts", !checked ? "–" : differences === 0 ? "agrees" : `${count(differences)} differ`,
      !checked ? "not compared yet" : `${count(status.reconciler.accounts)} accounts compared`, !checked ? null : differences === 0 ? "good" : "bad"),
    tile("Events", count(status.indexed.events), status.indexed.decodeFailures === 0 ? "all decoded" : `${count(status.indexed.decodeFailures)} not decoded`, status.indexed.decodeFailures > 0 ? "warn" : null));
}

const section = (title, note, body, more) => h("section", null, h("header", null, h("h2", null, title), h("p", null, note, more && [" ", more])), body);

async function overview(status) {
  const [pools, batches, jobs, reported, nodes] = await Promise.all([get("/v1/pools?limit=20"), get("/v1/batches?limit=8"), get("/v1/jobs?limit=10"),
    get("/v1/jobs?source=relayer&limit=10").catch(failure => ({ items: [], failure })), get("/v1/nodes?limit=20")]);
  return [
    h("h1", { class: "skip" }, "Overview"),
    h("div", { id: "tiles" }, statusTiles(status)),
    section("Balances", "per mint, from events", pools.items.length === 0 ? h("div", { class: "scroll" }, h("p", { class: "empty" }, "No pool has been opened yet."))
      : h("div", { class: "pools" }, pools.items.map(poolCard))),
    reported.items.length > 0 && section("In progress", "reported by the relayer, not yet on chain", reportedTable(reported.items)),
    section("Batches", "newest first", batchTable(batches.items), batches.next && link("#/batches", "All batches")),
    section("Jobs", "on chain, newest first", jobTable(jobs.items), jobs.next && link("#/jobs", "All jobs")),
    section("Nodes", "as registered", nodeTable(nodes.items), nodes.next && link("#/nodes", "All nodes")),
  ];
}

/** A list that grows by pages. */
async function listing(title, note, path, draw) {
  let next = null;
  const rows = [];
  const holder = h("div");
  const more = h("div", { class: "more" });
  const load = async () => {
    const page = await get(path + (path.includes("?") ? "&" : "?") + "limit=50" + (next ? "&after=" + encodeURIComponent(next) : ""));
    rows.push(...page.items);
    next = page.next;
    holder.replaceChildren(draw(rows));
    more.replaceChildren(...(next ? [h("button", { type: "button", onclick: load }, "Show more")] : []));
  };
  await load();
  return [h("header", null, h("h1", null, title), h("p", { class: "crumb" }, note)), h("div", null, holder, more)];
}

async function batch(mint, seq) {
  const row = await get(`/v1/batches/${encodeURIComponent(mint)}/${encodeURIComponent(seq)}`);
  return [
    h("header", null, h("p", { class: "crumb" }, link("#/batches", "Batches")), h("h1", null, `${symbolOf(row)} batch #${row.seq}`)),
    h("div", { class: "card" }, facts([
      ["State", state(row.state)], ["Content", [contentLabel(row.content), row.content.message && h("span", { class: "quiet" }, " " + row.content.message)]],
      ["Credited in all", money(row, row.creditSum)], ["Receipts", count(row.receiptsCount)], ["Payees", count(row.payeeCount)],
      ["Posted at slot", count(row.postedSlot)], ["Final from slot", count(row.finalSlot)], ["Batch account", whole(row.batch)], ["Pool", whole(row.pool)], ["Mint", whole(row.mint)],
      ["Receipts root", whole(row.receiptsRoot)], ["Credit root", whole(row.creditRoot)], ["Poster", whole(row.poster)], ["Transaction", whole(row.signature)]])),
    section("Jobs", "whose receipts are under this batch's root", jobTable(row.jobs), row.jobs.length < Number(row.receiptsCount) && row.content.state === "verified" && "the first ones"),
    section("Credits", "cumulative for all time, per payee", table("Credits", [
      { label: "Payee", head: true, cell: credit => credit.kind === "node" ? nodeLink(credit.payee) : walletLink(credit.payee) },
      { label: "For", cell: credit => credit.kind },
      { label: "Cumulative", num: true, cell: credit => money(row, credit.cumulative) },
      { label: "Claimed", num: true, cell: credit => money(row, credit.claimed) },
    ], row.credits, { key: credit => credit.payee + credit.kind, known: null, empty: row.content.state === "verified" ? "No credit." : "The content has not been verified, so no credit is shown." })),
  ];
}

async function job(id) {
  const row = await get(`/v1/jobs/${encodeURIComponent(id)}`);
  const onChain = row.source === "chain";
  return [
    h("header", null, h("p", { class: "crumb" }, link("#/jobs", "Jobs")), h("h1", null, "Job ", h("code", null, short(row.job)))),
    !onChain && h("p", { class: "notice" }, "Reported by the relayer, not yet on chain."),
    h("div", { class: "card" }, facts([
      ["Job", whole(row.job)], ["State", state(row.state)], ["Reason", row.reason], ["Batch", onChain ? batchLink(row) : null], ["Tier", row.tier],
      ["Node", row.node ? nodeLink(row.node) : null], ["Model", whole(row.model)], ["Engine", row.engine], ["Charge", row.charge ? money(row, row.charge) : null],
      ["Tokens in / out", onChain ? `${count(row.tokensIn)} / ${count(row.tokensOut)}` : null], ["Finish", row.finish],
      ["Started", row.startedAt && time(row.startedAt)], ["Ended", row.endedAt && time(row.endedAt)],
      ["Paid by", row.payment ? `${row.payment.kind}${row.payment.amount ? ", " + money(row, row.payment.amount) : ""} (as the relayer tells it)` : null],
      ["Payment transaction", whole(row.payment?.transaction)], ["Escrow", whole(row.payment?.escrow)],
      ["Quote hash", whole(row.quoteHash)], ["Receipt hash", whole(row.receiptHash)], ["Output hash", whole(row.outputHash)], ["Prompt commitment", whole(row.promptCommitment)]])),
  ];
}

async function node(id) {
  const row = await get(`/v1/nodes/${encodeURIComponent(id)}`);
  const nodeKey = encodeURIComponent(row.nodeKey);
  const [jobs, slashes, standing, disputes] = await Promise.all([get(`/v1/jobs?node=${nodeKey}&limit=20`),
    row.slashedTotal === "0" ? { items: [] } : get(`/v1/events?type=NodeSlashed&account=${encodeURIComponent(row.node)}&limit=20`),
    get(`/v1/nodes/${nodeKey}/standing`), get(`/v1/disputes?node=${nodeKey}&limit=20`)]);
  const record = row.attestation;
  return [
    h("header", null, h("p", { class: "crumb" }, link("#/nodes", "Nodes")), h("h1", null, "Node ", h("code", null, short(row.nodeKey)))),
    h("div", { class: "card" }, facts([
      ["State", state(row.state)], ["Tiers", tags(row.tiers)], ["Attestation", attestation(record)],
      ["", record?.development ? "The quote is signed under a development root: it proves the protocol, not the hardware." : null],
      ["Measurement", whole(record?.measurement)], ["Quote hash", whole(record?.quoteHash)], ["Attested until slot", record && count(record.expirySlot)],
      ["Bond", amount(row.bond, row.bondDecimals ?? 0, row.bondSymbol)], ["Slashed in all", row.slashedTotal !== "0" ? amount(row.slashedTotal, row.bondDecimals ?? 0, row.bondSymbol) : null],
      ["Node key", whole(row.nodeKey)], ["Account", whole(row.node)], ["Operator", whole(row.operator)], ["Paid to", link(`#/wallets/${encodeURIComponent(row.payout)}`, whole(row.payout))], ["Receipt key", whole(row.receiptKey)],
      ["Sealing key", whole(row.sealingKey)], ["Registered at slot", count(row.registeredSlot)]])),
    slashes.items.length > 0 && section("Slashed", "what it lost, and the evidence that anybody can run", table("Slashed", [
      { label: "Evidence", head: true, cell: event => whole(event.data.evidenceHash) },
      { label: "Taken", num: true, cell: event => bonded(row, event.data.amount) },
      { label: "Rewarded", num: true, cell: event => bonded(row, event.data.reward) },
      { label: "Burned", num: true, cell: event => bonded(row, event.data.burned) },
      { label: "Transaction", cell: event => key(event.signature) },
    ], slashes.items, { key: event => event.id, known: null, empty: "" })),
    disputes.items.length > 0 && section("Disputes", "about its receipts, newest first", disputeTable(disputes.items)),
    section("Standing", "by verified work since it registered; of which share of its verified jobs a second node repeats", table("Standing", [
      { label: "Mint", head: true, cell: entry => symbolOf(entry) },
      { label: "Verified jobs", num: true, cell: entry => count(entry.jobs.verified) },
      { label: "Count for", num: true, cell: entry => count(Math.floor(Number(entry.microJobs) / 1e6)) },
      { label: "Repeated at least", num: true, cell: entry => (entry.samplePpm / 1e4).toFixed(2) + " %" },
      { label: "Batches not known here", num: true, cell: entry => count(entry.unknownBatches) },
    ], standing.pools, { key: entry => entry.pool, known: null, empty: "Its registry has no market with a pool." })),
    section("Earnings", "per mint, by the last batch of each", table("Earnings", [
      { label: "Mint", head: true, cell: entry => symbolOf(entry) },
      { label: "Credited", num: true, cell: entry => money(entry, entry.credited) },
      { label: "Claimed", num: true, cell: entry => money(entry, entry.claimed) },
    ], row.earnings, { key: entry => entry.mint, known: null, empty: "Nothing has been credited yet." })),
    section("Jobs", "newest first", jobTable(jobs.items)),
  ];
}

async function wallet(id) {
  const row = await get(`/v1/balances/${encodeURIComponent(id)}`);
  const credits = (title, note, rows, empty) => section(title, note, table(title, [
    { label: "For", head: true, cell: entry => entry.kind === "node" ? ["node ", nodeLink(entry.payee)] : entry.kind },
    { label: "Credited", num: true, cell: entry => money(entry, entry.credited) },
    { label: "In its window", num: true, cell: entry => money(entry, entry.pending) },
    { label: "Claimed", num: true, cell: entry => money(entry, entry.claimed) },
    { label: "Claimable", num: true, cell: entry => money(entry, entry.claimable) },
  ], rows, { key: entry => entry.pool + entry.payee + entry.kind, known: null, empty }));
  return [
    h("header", null, h("p", { class: "crumb" }, "Wallet"), h("h1", null, "Wallet ", h("code", null, short(row.wallet))), h("p", { class: "crumb" }, whole(row.wallet))),
    section("Deposits", "in escrows, per mint", table("Deposits", [
      { label: "Mint", head: true, cell: entry => symbolOf(entry) },
      { label: "Deposited", num: true, cell: entry => money(entry, entry.deposited) },
      { label: "Settled", num: true, cell: entry => money(entry, entry.settled) },
      { label: "Returned", num: true, cell: entry => money(entry, entry.returned) },
      { label: "Left", num: true, cell: entry => money(entry, entry.available) },
    ], row.deposits, { key: entry => entry.pool, known: null, empty: "No deposit." })),
    credits("Earned", "as payee, or through its nodes", row.earned, "Nothing earned."),
    credits("Refunds", "of payments whose job failed", row.refunds, "No refund."),
  ];
}

/** The view that a hash names: a function of the status that gives the page's content. */
export function route(hash) {
  const parts = hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  if (parts.length === 0) return overview;
  if (parts[0] === "batches" && parts.length === 3) return () => batch(parts[1], parts[2]);
  if (parts[0] === "batches") return () => listing("Batches", "newest first", "/v1/batches", batchTable);
  if (parts[0] === "jobs" && parts.length === 2) return () => job(parts[1]);
  if (parts[0] === "jobs") return () => listing("Jobs", "on chain, newest first", "/v1/jobs", jobTable);
  if (parts[0] === "nodes" && parts.length === 2) return () => node(parts[1]);
  if (parts[0] === "wallets" && parts.length === 2) return () => wallet(parts[1]);
  if (parts[0] === "nodes") return () => listing("Nodes", "as registered", "/v1/nodes", nodeTable);
  if (parts[0] === "validators") return () => listing("Validators", "as registered", "/v1/validators", validatorTable);
  if (parts[0] === "disputes") return () => listing("Disputes", "about receipts, decided by the registry's program; newest first", "/v1/disputes", disputeTable);
  if (parts[0] === "models") return status => listing("Models", "as registered", "/v1/models", rows => modelTable(rows, status));
  if (parts[0] === "rules") return rules;
  if (parts[0] === "events") return () => listing("Events", "newest first", "/v1/events", eventTable);
  return async () => [h("h1", null, "Nothing here"), h("p", null, link("#/", "Back to the overview"))];
}
