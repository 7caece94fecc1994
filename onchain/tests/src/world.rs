//! A chain with both programs, a mint, a registry, a market and its pools. In a machine of our own, keys come from names and the clock
//! stands where it is put, so that every run is the same to the byte; on a cluster each world has keys of its own, and time passes.

use std::{collections::HashMap, sync::LazyLock};

use solana_account::Account;
use solana_address::Address;
use solana_clock::Clock;
use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
use solana_keypair::Keypair;
use solana_message::{AddressLookupTableAccount, Message, VersionedMessage, v0};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

use crate::{
    bytes::{ASSOCIATED, SYSTEM, TOKEN_2022, associated, sha256},
    chain::{Chain, Sent, Would, new_salt, outside, salt},
    credit::{Credit, Node, Tree},
    idl::{Arg, Idl},
    precompile,
};

pub const MIN_BOND: u64 = 1_000;
pub const MIN_VALIDATOR_BOND: u64 = 700;
// Times as short as the programs allow and long enough for what happens in them on a cluster, where they pass by themselves.
pub const UNBONDING: u64 = 200;
/// From the announcement of a verifier set until it can rule.
pub const NOTICE: u64 = UNBONDING + UNBONDING / 2;
pub const WINDOW: u64 = 100;
pub const EXIT: u64 = 150;
/// Slots for a move of a dispute.
pub const ANSWER: u64 = 150;
pub const POSTER_BOND: u64 = 701;
/// Slots without a batch after which nodes may settle by themselves, in terms that are proposed.
pub const SILENCE: u64 = 110;
/// Who assigns the jobs.
pub const GATEWAY: &str = "gateway";
/// Where a machine's clock stands at first.
pub const START: u64 = 1_000;
pub const NOW: i64 = 1_800_000_000;
pub const CLUSTER: [u8; 32] = [0xc1; 32];
/// Loose change of every wallet that has tokens.
pub const WEALTH: u64 = 1_000_000;
/// What a wallet is given on a cluster, and what the fee payer is, who gives it.
const ALLOWANCE: u64 = 200_000_000;
const BUDGET: u64 = 8_000_000_000;
/// Transfers that fit into one transaction.
const TRANSFERS: usize = 8;

/// What came of a transaction: `Ok`, or the error of the instruction that failed.
pub type Outcome = Result<Sent, String>;

/// A copy of a world in a machine is a world of its own; on a cluster it is the same one.
#[derive(Clone)]
pub struct World {
    chain: Chain,
    keys: HashMap<Address, [u8; 32]>,
    /// Keys that the programs never see sign: mints and their authority.
    tools: HashMap<Address, [u8; 32]>,
    pub token_program: Address,
    pub mint: Address,
    /// The slot in which this world began.
    pub start: u64,
    serial: u64,
    remembered: HashMap<&'static str, Address>,
    /// Up to where slots have passed by our reckoning on a cluster, which may not have come so far.
    due: u64,
}

pub fn registry() -> &'static Idl {
    static READ: LazyLock<Idl> = LazyLock::new(|| Idl::read("registry.json"));
    &READ
}

pub fn escrow() -> &'static Idl {
    static READ: LazyLock<Idl> = LazyLock::new(|| Idl::read("escrow.json"));
    &READ
}

/// The key pair of a name.
pub fn key(name: &str) -> Keypair {
    Keypair::new_from_array(sha256(&[b"nyxos onchain tests", &salt(), name.as_bytes()]))
}

/// The address of a name's key pair.
pub fn who(name: &str) -> Address {
    key(name).pubkey()
}

/// Addresses derived from a registry's config.
pub struct Registry {
    pub config: Address,
    pub bonds: Address,
}

pub fn registry_of(creator: &str) -> Registry {
    let program = registry().program;
    let config = Address::find_program_address(&[b"config", who(creator).as_ref(), &1u16.to_le_bytes()], &program).0;
    Registry { config, bonds: Address::find_program_address(&[b"bonds", config.as_ref()], &program).0 }
}

impl Registry {
    pub fn model(&self, model_id: &[u8; 32]) -> Address {
        Address::find_program_address(&[b"model", self.config.as_ref(), model_id], &registry().program).0
    }

    /// The verifier set that waits for its slot.
    pub fn proposal(&self) -> Address {
        Address::find_program_address(&[b"verifiers", self.config.as_ref()], &registry().program).0
    }

    pub fn validator(&self, validator_key: &Address) -> Address {
        Address::find_program_address(&[b"validator", self.config.as_ref(), validator_key.as_ref()], &registry().program).0
    }

    pub fn node(&self, node_key: &Address) -> Address {
        Address::find_program_address(&[b"node", self.config.as_ref(), node_key.as_ref()], &registry().program).0
    }
}

pub fn market_of(creator: &str) -> Address {
    Address::find_program_address(&[b"market", &CLUSTER, who(creator).as_ref(), &1u16.to_le_bytes()], &escrow().program).0
}

/// Where a market's bonds lie.
pub fn bonds_of(creator: &str) -> Address {
    Address::find_program_address(&[b"bonds", market_of(creator).as_ref()], &escrow().program).0
}

pub fn poster_of(creator: &str, operator: &str) -> Address {
    Address::find_program_address(&[b"poster", market_of(creator).as_ref(), who(operator).as_ref()], &escrow().program).0
}

/// The account of a leaf that "hunter" has proven.
pub fn leaf_of(batch: &Address, index: usize) -> Address {
    Address::find_program_address(&[b"leaf", batch.as_ref(), who("hunter").as_ref(), &(index as u32).to_le_bytes()], &escrow().program).0
}

/// Faults of a batch, as `challenge_batch` numbers them.
pub const LOWERED: u8 = 1;
pub const OMITTED: u8 = 2;
pub const DISORDERED: u8 = 3;

pub fn terms_of(creator: &str) -> Address {
    Address::find_program_address(&[b"terms", market_of(creator).as_ref()], &escrow().program).0
}

/// Addresses derived from a pool.
#[derive(Clone, Copy)]
pub struct Pool {
    pub market: Address,
    pub mint: Address,
    pub pool: Address,
    pub vault: Address,
    pub deposits: Address,
}

impl Pool {
    pub fn of(market: Address, mint: Address, token_program: &Address) -> Self {
        let program = escrow().program;
        let pool = Address::find_program_address(&[b"pool", market.as_ref(), mint.as_ref()], &program).0;
        let deposits = Address::find_program_address(&[b"deposits", pool.as_ref()], &program).0;
        Self { market, mint, pool, vault: associated(&pool, &mint, token_program), deposits }
    }

    pub fn escrow(&self, payer: &Address, open_slot: u64) -> Address {
        let seeds = [&b"escrow"[..], self.market.as_ref(), payer.as_ref(), self.mint.as_ref(), &open_slot.to_le_bytes()];
        Address::find_program_address(&seeds, &escrow().program).0
    }

    /// The prepaid escrow of a payer's name; its session key is the one of that name followed by " session".
    pub fn prepaid(&self, payer: &'static str, open_slot: u64) -> Receiver {
        let (owner, session_key) = (who(payer), who(&format!("{payer} session")));
        let seeds = [&b"prepaid"[..], self.market.as_ref(), owner.as_ref(), self.mint.as_ref(), session_key.as_ref(), &open_slot.to_le_bytes()];
        let escrow = Address::find_program_address(&seeds, &escrow().program).0;
        Receiver { pool: *self, payer, session_key, open_slot, escrow }
    }

    pub fn batch(&self, seq: u64) -> Address {
        Address::find_program_address(&[b"batch", self.pool.as_ref(), &seq.to_le_bytes()], &escrow().program).0
    }

    pub fn job(&self, payer: &Address, open_slot: u64) -> Address {
        Address::find_program_address(&[b"job", self.pool.as_ref(), payer.as_ref(), &open_slot.to_le_bytes()], &escrow().program).0
    }

    pub fn payment(&self, payer: &Address, reference: &[u8; 32]) -> Address {
        Address::find_program_address(&[b"payment", self.pool.as_ref(), payer.as_ref(), reference], &escrow().program).0
    }

    pub fn claim(&self, payee: &Address, kind: u8) -> Address {
        Address::find_program_address(&[b"claim", self.pool.as_ref(), payee.as_ref(), &[kind]], &escrow().program).0
    }
}

/// An escrow, or an address that one could have, to which plain transfers are made.
#[derive(Clone, Copy)]
pub struct Receiver {
    pub pool: Pool,
    pub payer: &'static str,
    /// Zero where it is not a prepaid one.
    pub session_key: Address,
    pub open_slot: u64,
    pub escrow: Address,
}

/// The voucher of protocol §4.1.
pub fn voucher(escrow: &Address, cumulative: u64, expires: i64) -> Vec<u8> {
    [&[0x56, 1][..], escrow.as_ref(), &cumulative.to_le_bytes(), &expires.to_le_bytes()].concat()
}

/// A batch's roots and counts.
pub struct Roots {
    pub receipts_root: [u8; 32],
    pub receipts_count: u32,
    pub credit_root: [u8; 32],
    pub credit_sum: u64,
    pub payee_count: u32,
}

impl Roots {
    pub fn of(tree: &Tree) -> Self {
        let (credit_root, credit_sum) = tree.root();
        Self { receipts_root: [0xee; 32], receipts_count: 3, credit_root, credit_sum, payee_count: tree.count() }
    }

    pub fn digest(&self, pool: &Pool, seq: u64) -> [u8; 32] {
        sha256(&[
            b"nyxos:batch:v1",
            escrow().program.as_ref(),
            pool.pool.as_ref(),
            &seq.to_le_bytes(),
            &self.receipts_root,
            &self.receipts_count.to_le_bytes(),
            &self.credit_root,
            &self.credit_sum.to_le_bytes(),
            &self.payee_count.to_le_bytes(),
        ])
    }
}

/// The void digest of protocol §4.3.
pub fn void_digest(batch: &Address, credit_root: &[u8; 32], reason: u8) -> [u8; 32] {
    sha256(&[b"nyxos:void:v1", escrow().program.as_ref(), batch.as_ref(), credit_root, &[reason]])
}

/// The attestation digest of protocol §4.4.
pub fn attestation_digest(node: &Address, kind: u8, quote_hash: &[u8; 32], keys: &(Address, Address), expiry: u64) -> [u8; 32] {
    sha256(&[
        b"nyxos:attestation:v1",
        registry().program.as_ref(),
        node.as_ref(),
        &[kind],
        &[7; 48],
        quote_hash,
        keys.0.as_ref(),
        keys.1.as_ref(),
        &expiry.to_le_bytes(),
    ])
}

/// The revocation digest of protocol §4.12.
pub fn revoke_digest(node: &Address, quote_hash: &[u8; 32]) -> [u8; 32] {
    sha256(&[b"nyxos:revoke:v1", registry().program.as_ref(), node.as_ref(), quote_hash])
}

/// The digest of a job's release by the verifiers.
pub fn award_digest(job: &Address, cumulative: u64) -> [u8; 32] {
    sha256(&[b"nyxos:award:v1", escrow().program.as_ref(), job.as_ref(), &cumulative.to_le_bytes()])
}

/// A job paid by voucher, as payer and gateway signed it, and what its node asks for it.
#[derive(Clone)]
pub struct DirectJob {
    pub escrow: Address,
    /// Name of the session's key.
    pub session: &'static str,
    pub nonce: [u8; 32],
    /// The bound of the voucher that the request came with.
    pub cumulative: u64,
    /// Bound and expiry of the voucher that is shown.
    pub voucher: (u64, i64),
    pub node: &'static str,
    pub gateway: &'static str,
    pub tier: u8,
    pub ceiling: u64,
    pub charge: u64,
}

impl DirectJob {
    /// A job of the session "payer session" for "node".
    pub fn new(escrow: Address, nonce: u8, cumulative: u64, charge: u64) -> Self {
        Self {
            escrow,
            session: "payer session",
            nonce: [nonce; 32],
            cumulative,
            voucher: (cumulative, 0),
            node: "node",
            gateway: GATEWAY,
            tier: 1,
            ceiling: 100,
            charge,
        }
    }

    pub fn id(&self) -> [u8; 32] {
        sha256(&[b"nyxos:job:v1", &[2], self.escrow.as_ref(), &self.nonce])
    }

    pub fn address(&self) -> Address {
        Address::find_program_address(&[b"direct", self.escrow.as_ref(), &self.id()], &escrow().program).0
    }

    /// The request binding of protocol §4.6.
    pub fn binding(&self) -> [u8; 32] {
        sha256(&[b"nyxos:request:v1", self.escrow.as_ref(), &self.cumulative.to_le_bytes(), &self.nonce, &[0xa5; 32]])
    }

    /// What of the assignment of protocol §6 the program knows by its hash only.
    pub fn work_hash(&self) -> [u8; 32] {
        let work = [
            &[0x0d; 32][..],
            &[1],
            &256u32.to_le_bytes(),
            &1_000u64.to_le_bytes(),
            &2_000u64.to_le_bytes(),
            &7u64.to_le_bytes(),
            &[700_000u32, 1_000_000, 40].map(u32::to_le_bytes).concat(),
            &[0xc5; 32],
            &[0xb6; 32],
            &(NOW * 1_000).to_le_bytes(),
            &(NOW * 1_000 + 60_000).to_le_bytes(),
        ]
        .concat();
        sha256(&[b"nyxos:assignment-work:v2", &work])
    }

    /// The digest of the assignment of protocol §6.
    pub fn assignment(&self, mint: &Address) -> [u8; 32] {
        let head = [
            &[2][..],
            &self.id(),
            who(self.gateway).as_ref(),
            who(self.node).as_ref(),
            mint.as_ref(),
            &[self.tier],
            &self.ceiling.to_le_bytes(),
            &[2],
            &[0xa5; 32],
        ]
        .concat();
        sha256(&[b"nyxos:assignment:v2", &head, &self.work_hash()])
    }

    /// The start of a receipt of protocol §6, and as many bytes as one has.
    pub fn receipt(&self) -> Vec<u8> {
        [&[1][..], &self.id(), who(self.node).as_ref(), &[0x5a; 320]].concat()
    }

    pub fn receipt_hash(&self) -> [u8; 32] {
        sha256(&[b"nyxos:receipt:v1", &self.receipt()])
    }
}

/// Root of a batch's receipts, and the proof of each: three of them.
pub fn receipts(hashes: [[u8; 32]; 3]) -> ([u8; 32], [Vec<[u8; 32]>; 3]) {
    let leaves = hashes.map(|hash| sha256(&[&[0], &hash]));
    let pair = sha256(&[&[1], &leaves[0], &leaves[1]]);
    (sha256(&[&[1], &pair, &leaves[2]]), [vec![leaves[1], leaves[2]], vec![leaves[0], leaves[2]], vec![pair]])
}

/// The digest by which verifiers void a node's own settlement (protocol §4).
pub fn direct_void_digest(job: &DirectJob, reason: u8) -> [u8; 32] {
    let (program, direct) = (escrow().program, job.address());
    sha256(&[b"nyxos:direct-void:v1", program.as_ref(), direct.as_ref(), &job.receipt_hash(), &job.charge.to_le_bytes(), &[reason]])
}

/// Names of the verifiers; two are a quorum.
pub const VERIFIERS: [&str; 3] = ["verifier 0", "verifier 1", "verifier 2"];
/// Names of a set that is to follow them; all five are a quorum.
pub const NEXT_VERIFIERS: [&str; 5] = ["verifier 2", "verifier 3", "verifier 4", "verifier 5", "verifier 6"];

/// The first two verifiers' signatures over a digest.
pub fn quorum(digest: &[u8; 32]) -> Instruction {
    signed_by(&VERIFIERS[..2], digest)
}

pub fn signed_by(names: &[&str], digest: &[u8]) -> Instruction {
    let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
    precompile::verify(&keys.iter().map(|key| (key, digest)).collect::<Vec<_>>())
}

/// A royalty to "payee", and a measurement of each byte.
fn model_terms((royalty_bps, measurements): (u16, &[u8])) -> [(&'static str, Arg); 3] {
    let measurements = measurements.iter().map(|byte| [*byte; 48]).collect();
    [("royalty_bps", Arg::U16(royalty_bps)), ("payee", Arg::Key(who("payee"))), ("measurements", Arg::Measurements(measurements))]
}

impl World {
    /// A chain with the programs and one mint of a token program, and nothing else of ours.
    pub fn bare(token_program: Address) -> Self {
        new_salt();
        let mut world = Self {
            chain: Chain::of_environment(),
            keys: HashMap::new(),
            tools: HashMap::new(),
            token_program,
            mint: who("mint"),
            start: START,
            serial: 0,
            remembered: HashMap::new(),
            due: 0,
        };
        if outside() {
            world.start = world.slot();
        } else {
            world.at(START);
        }
        let people = ["admin", "operator", "treasury", "rent", "provider", "provider 2", "payer", "payer 2", "attacker", "hunter", "node", "node 2"];
        world.wallet("fees");
        world.wallets(&[&people[..], &VERIFIERS, &["admin 2", "publisher", "validator", "validator 2"]].concat());
        world.mint(who("mint"), &[]);
        for name in ["admin", "provider", "provider 2", "payer", "payer 2", "attacker", "operator"] {
            world.tokens(&who(name), WEALTH);
        }
        world
    }

    /// With a registry, a market and a pool, in a state to be used.
    pub fn ready(token_program: Address) -> Self {
        let mut world = Self::bare(token_program);
        world.found("admin");
        world
    }

    /// A registry, a market with a bonded poster, and a pool of the world's mint, all of one creator.
    pub fn found(&mut self, creator: &str) {
        let config = self.initialize_config(creator);
        self.send(&[config]).unwrap();
        let market = self.initialize_market(creator);
        self.send(&[market]).unwrap();
        let bond = self.bond_poster(creator, "operator", POSTER_BOND);
        self.send(&[bond]).unwrap();
        let pool = self.pool(creator);
        self.put_tokens(pool.vault, &pool.mint, &pool.pool, 0);
        let pool = self.initialize_pool(creator, pool.mint);
        self.send(&[pool]).unwrap();
    }

    pub fn pool(&self, creator: &str) -> Pool {
        Pool::of(market_of(creator), self.mint, &self.token_program)
    }

    pub fn initialize_config(&self, creator: &str) -> Instruction {
        let Registry { config, bonds } = registry_of(creator);
        registry().call(
            "initialize_config",
            &[
                ("rent_payer", who("rent")),
                ("creator", who(creator)),
                ("config", config),
                ("bond_mint", self.mint),
                ("bond_vault", bonds),
                ("token_program", self.token_program),
            ],
            &[
                ("id", Arg::U16(1)),
                ("authority", Arg::Key(who(creator))),
                ("min_bond", Arg::U64(MIN_BOND)),
                ("min_validator_bond", Arg::U64(MIN_VALIDATOR_BOND)),
                ("unbonding_slots", Arg::U64(UNBONDING)),
                ("threshold", Arg::U8(2)),
                ("verifiers", Arg::Keys(VERIFIERS.map(who).to_vec())),
                ("answer_slots", Arg::U64(ANSWER)),
            ],
        )
    }

    /// An instruction of the registry that its authority signs, on the config and nothing else.
    pub fn govern(&self, name: &str, authority: &str, args: &[(&str, Arg)]) -> Instruction {
        registry().call(name, &[("authority", who(authority)), ("config", registry_of("admin").config)], args)
    }

    /// A call of a node's operator that concerns nothing but the node.
    pub fn of_node(&self, name: &str, node: &str, operator: &str) -> Instruction {
        let at = registry_of("admin");
        registry().call(name, &[("operator", who(operator)), ("config", at.config), ("node", at.node(&who(node)))], &[])
    }

    /// The quorum's revocation of a node's attestation by a quote.
    pub fn revoke_attestation(&self, node: &str, quote_hash: [u8; 32]) -> Vec<Instruction> {
        let at = registry_of("admin");
        let node = at.node(&who(node));
        let call =
            registry().call("revoke_attestation", &[("config", at.config), ("node", node)], &[("quote_hash", Arg::Bytes(quote_hash.to_vec()))]);
        vec![quorum(&revoke_digest(&node, &quote_hash)), call]
    }

    /// A model in the registry of `creator`.
    pub fn register_model(&self, creator: &str, publisher: &str, model_id: [u8; 32], terms: (u16, &[u8])) -> Instruction {
        let at = registry_of(creator);
        let accounts = [
            ("rent_payer", who("rent")),
            ("publisher", who(publisher)),
            ("authority", who(creator)),
            ("config", at.config),
            ("model", at.model(&model_id)),
        ];
        registry().call("register_model", &accounts, &[&[("model_id", Arg::Bytes(model_id.to_vec()))][..], &model_terms(terms)].concat())
    }

    pub fn update_model(&self, publisher: &str, model_id: [u8; 32], terms: (u16, &[u8])) -> Instruction {
        let at = registry_of("admin");
        let accounts = [("publisher", who(publisher)), ("config", at.config), ("model", at.model(&model_id))];
        registry().call("update_model", &accounts, &model_terms(terms))
    }

    pub fn retire_model(&self, publisher: &str, model_id: [u8; 32]) -> Instruction {
        let at = registry_of("admin");
        registry().call("retire_model", &[("publisher", who(publisher)), ("config", at.config), ("model", at.model(&model_id))], &[])
    }

    /// A verifier set for the registry of `creator`, which is its authority.
    pub fn propose_verifiers(&self, creator: &str, threshold: u8, verifiers: &[&str]) -> Instruction {
        let at = registry_of(creator);
        registry().call(
            "propose_verifiers",
            &[("rent_payer", who("rent")), ("authority", who(creator)), ("config", at.config), ("proposal", at.proposal())],
            &[("threshold", Arg::U8(threshold)), ("verifiers", Arg::Keys(verifiers.iter().map(|name| who(name)).collect()))],
        )
    }

    pub fn apply_verifiers(&self) -> Instruction {
        let at = registry_of("admin");
        registry().call("apply_verifiers", &[("config", at.config), ("proposal", at.proposal()), ("rent_payer", who("rent"))], &[])
    }

    pub fn cancel_verifiers(&self, authority: &str) -> Instruction {
        let at = registry_of("admin");
        let accounts = [("authority", who(authority)), ("config", at.config), ("proposal", at.proposal()), ("rent_payer", who("rent"))];
        registry().call("cancel_verifiers", &accounts, &[])
    }

    pub fn initialize_market(&self, creator: &str) -> Instruction {
        escrow().call(
            "initialize_market",
            &[
                ("rent_payer", who("rent")),
                ("creator", who(creator)),
                ("market", market_of(creator)),
                ("registry_config", registry_of(creator).config),
                ("bond_mint", self.mint),
                ("bond_vault", bonds_of(creator)),
                ("token_program", self.token_program),
            ],
            &[
                ("id", Arg::U16(1)),
                ("cluster", Arg::Bytes(CLUSTER.to_vec())),
                ("authority", Arg::Key(who(creator))),
                ("operator", Arg::Key(who("operator"))),
                ("treasury", Arg::Key(who("treasury"))),
                ("fee_bps", Arg::U16(200)),
                ("challenge_slots", Arg::U64(WINDOW)),
                ("exit_slots", Arg::U64(EXIT)),
                ("direct_slots", Arg::U64(1_000)),
                ("min_poster_bond", Arg::U64(POSTER_BOND)),
                ("registry_program", Arg::Key(registry().program)),
                ("registry_config", Arg::Key(registry_of(creator).config)),
                ("threshold", Arg::U8(2)),
                ("verifiers", Arg::Keys(VERIFIERS.map(who).to_vec())),
                ("gateways", Arg::Keys(vec![who(GATEWAY)])),
            ],
        )
    }

    pub fn initialize_pool(&self, creator: &str, mint: Address) -> Instruction {
        let pool = Pool::of(market_of(creator), mint, &self.token_program);
        escrow().call(
            "initialize_pool",
            &[
                ("rent_payer", who("rent")),
                ("authority", who(creator)),
                ("market", pool.market),
                ("pool", pool.pool),
                ("mint", mint),
                ("vault", pool.vault),
                ("deposit_vault", pool.deposits),
                ("token_program", self.token_program),
            ],
            &[],
        )
    }

    /// A call with the market of "admin" as its account, and others as they are named.
    fn on_market(&self, name: &str, accounts: &[(&str, Address)], args: &[(&str, Arg)]) -> Instruction {
        escrow().call(name, &[&[("market", market_of("admin"))], accounts].concat(), args)
    }

    pub fn set_paused(&self, authority: &str, paused: u8) -> Instruction {
        self.on_market("set_paused", &[("authority", who(authority))], &[("paused", Arg::U8(paused))])
    }

    pub fn update_market(&self, authority: &str, operator: &str, nominee: Address) -> Instruction {
        let args = [("operator", Arg::Key(who(operator))), ("treasury", Arg::Key(who("treasury"))), ("nominee", Arg::Key(nominee))];
        self.on_market("update_market", &[("authority", who(authority))], &args)
    }

    pub fn accept_authority(&self, nominee: &str) -> Instruction {
        self.on_market("accept_authority", &[("nominee", who(nominee))], &[])
    }

    /// A fee in basis points, challenge, exit and direct slots, and verifiers of whom two are a quorum.
    pub fn propose_terms(&self, authority: &str, terms: (u16, [u64; 3]), verifiers: &[&str]) -> Instruction {
        self.propose_terms_with(authority, terms, verifiers, &[GATEWAY])
    }

    /// As [`Self::propose_terms`], with gateways.
    pub fn propose_terms_with(&self, authority: &str, (fee_bps, slots): (u16, [u64; 3]), verifiers: &[&str], gateways: &[&str]) -> Instruction {
        let args = [
            ("fee_bps", Arg::U16(fee_bps)),
            ("challenge_slots", Arg::U64(slots[0])),
            ("exit_slots", Arg::U64(slots[1])),
            ("direct_slots", Arg::U64(slots[2])),
            ("min_poster_bond", Arg::U64(POSTER_BOND)),
            ("threshold", Arg::U8(2)),
            ("verifiers", Arg::Keys(verifiers.iter().map(|name| who(name)).collect())),
            ("gateways", Arg::Keys(gateways.iter().map(|name| who(name)).collect())),
        ];
        let config = registry_of("admin").config;
        let accounts = [("rent_payer", who("rent")), ("authority", who(authority)), ("registry_config", config), ("terms", terms_of("admin"))];
        self.on_market("propose_terms", &accounts, &args)
    }

    pub fn apply_terms(&self) -> Instruction {
        self.on_market("apply_terms", &[("terms", terms_of("admin")), ("rent_payer", who("rent"))], &[])
    }

    pub fn cancel_terms(&self, authority: &str) -> Instruction {
        let accounts = [("authority", who(authority)), ("terms", terms_of("admin")), ("rent_payer", who("rent"))];
        self.on_market("cancel_terms", &accounts, &[])
    }

    pub fn refresh_operator(&self, escrows: &[Address]) -> Instruction {
        let mut call = self.on_market("refresh_operator", &[], &[]);
        call.accounts.extend(escrows.iter().map(|key| AccountMeta::new(*key, false)));
        call
    }

    pub fn register_node(&self, node: &str, operator: &str) -> Instruction {
        let at = registry_of("admin");
        registry().call(
            "register_node",
            &[
                ("rent_payer", who("rent")),
                ("operator", who(operator)),
                ("node_key", who(node)),
                ("config", at.config),
                ("node", at.node(&who(node))),
                ("operator_token", self.token(&who(operator))),
                ("bond_mint", self.mint),
                ("bond_vault", at.bonds),
                ("token_program", self.token_program),
            ],
            &[
                ("tiers", Arg::U8(7)),
                ("receipt_key", Arg::Key(who("receipt key"))),
                ("sealing_key", Arg::Key(who("sealing key"))),
                ("payout", Arg::Key(who(operator))),
                ("bond", Arg::U64(MIN_BOND)),
            ],
        )
    }

    /// An escrow whose session key is the one of `payer`'s name followed by " session".
    pub fn open_escrow(&self, creator: &str, payer: &str, amount: u64, limits: (i64, u64)) -> (Address, Instruction) {
        let pool = self.pool(creator);
        let slot = self.slot();
        let escrow_key = pool.escrow(&who(payer), slot);
        let call = escrow().call(
            "open_escrow",
            &[
                ("rent_payer", who("rent")),
                ("payer", who(payer)),
                ("market", pool.market),
                ("pool", pool.pool),
                ("escrow", escrow_key),
                ("payer_token", self.token(&who(payer))),
                ("mint", pool.mint),
                ("deposit_vault", pool.deposits),
                ("token_program", self.token_program),
            ],
            &[
                ("open_slot", Arg::U64(slot)),
                ("session_key", Arg::Key(who(&format!("{payer} session")))),
                ("session_expires", Arg::I64(limits.0)),
                ("session_limit", Arg::U64(limits.1)),
                ("amount", Arg::U64(amount)),
            ],
        );
        (escrow_key, call)
    }

    pub fn deposit(&self, escrow_key: Address, depositor: &str, amount: u64) -> Instruction {
        let pool = self.pool("admin");
        escrow().call(
            "deposit",
            &[
                ("depositor", who(depositor)),
                ("market", pool.market),
                ("pool", pool.pool),
                ("escrow", escrow_key),
                ("depositor_token", self.token(&who(depositor))),
                ("mint", pool.mint),
                ("deposit_vault", pool.deposits),
                ("token_program", self.token_program),
            ],
            &[("amount", Arg::U64(amount))],
        )
    }

    /// Settles each escrow to its voucher's bound less the amount; the precompile instruction stands before it and is the caller's.
    pub fn settle(&self, entries: &[(Address, u64)]) -> Instruction {
        let unspent = entries.iter().map(|(_, unspent)| *unspent).collect();
        let mut call = escrow().call("settle_vouchers", &[("operator", who("operator"))], &[("unspent", Arg::Varints(unspent))]);
        call.accounts.extend(entries.iter().map(|(key, _)| AccountMeta::new(*key, false)));
        call
    }

    pub fn collect(&self, escrows: &[Address]) -> Instruction {
        let pool = self.pool("admin");
        let mut call = escrow().call(
            "collect",
            &[
                ("market", pool.market),
                ("pool", pool.pool),
                ("vault", pool.vault),
                ("deposit_vault", pool.deposits),
                ("mint", pool.mint),
                ("token_program", self.token_program),
            ],
            &[],
        );
        call.accounts.extend(escrows.iter().map(|key| AccountMeta::new(*key, false)));
        call
    }

    pub fn request_exit(&self, escrow_key: Address, payer: &str) -> Instruction {
        escrow().call("request_exit", &[("payer", who(payer)), ("market", market_of("admin")), ("escrow", escrow_key)], &[])
    }

    pub fn exit(&self, escrow_key: Address, payer: &str) -> Instruction {
        let pool = self.pool("admin");
        escrow().call(
            "exit",
            &[
                ("market", pool.market),
                ("pool", pool.pool),
                ("escrow", escrow_key),
                ("rent_payer", who("rent")),
                ("payer_token", self.token(&who(payer))),
                ("mint", pool.mint),
                ("deposit_vault", pool.deposits),
                ("token_program", self.token_program),
            ],
            &[],
        )
    }

    /// An inbox and what lies in it, as a transfer would have brought it.
    pub fn put_inbox(&mut self, to: &Receiver, amount: u64) {
        self.put_tokens(self.token(&to.escrow), &to.pool.mint, &to.escrow, amount);
    }

    /// What any wallet makes when it pays somebody: no program of ours has a part in it.
    pub fn plain_transfer(&self, from: &str, to: &Receiver, amount: u64) -> Instruction {
        let accounts = vec![
            AccountMeta::new(self.token(&who(from)), false),
            AccountMeta::new_readonly(self.mint, false),
            AccountMeta::new(self.token(&to.escrow), false),
            AccountMeta::new_readonly(who(from), true),
        ];
        Instruction { program_id: self.token_program, accounts, data: [&[12][..], &amount.to_le_bytes(), &[6]].concat() }
    }

    pub fn open_prepaid(&self, of: &Receiver) -> Instruction {
        let accounts = [
            ("rent_payer", who("rent")),
            ("market", of.pool.market),
            ("pool", of.pool.pool),
            ("prepaid", of.escrow),
            ("inbox", self.token(&of.escrow)),
            ("mint", of.pool.mint),
            ("token_program", self.token_program),
        ];
        let args = [("open_slot", Arg::U64(of.open_slot)), ("payer", Arg::Key(who(of.payer))), ("session_key", Arg::Key(of.session_key))];
        escrow().call("open_prepaid", &accounts, &args)
    }

    pub fn count_transfers(&self, of: &Receiver) -> Instruction {
        let accounts = [
            ("market", of.pool.market),
            ("pool", of.pool.pool),
            ("escrow", of.escrow),
            ("inbox", self.token(&of.escrow)),
            ("mint", of.pool.mint),
            ("deposit_vault", of.pool.deposits),
            ("token_program", self.token_program),
        ];
        escrow().call("count_transfers", &accounts, &[])
    }

    /// With the inbox's rent to a wallet.
    pub fn return_transfers(&self, of: &Receiver, rent_receiver: &str) -> Instruction {
        let accounts = [
            ("market", of.pool.market),
            ("receiver", of.escrow),
            ("inbox", self.token(&of.escrow)),
            ("payer", who(of.payer)),
            ("payer_token", self.token(&who(of.payer))),
            ("rent_receiver", who(rent_receiver)),
            ("mint", of.pool.mint),
            ("token_program", self.token_program),
        ];
        escrow().call("return_transfers", &accounts, &[("session_key", Arg::Key(of.session_key)), ("open_slot", Arg::U64(of.open_slot))])
    }

    /// The exit of a prepaid escrow.
    pub fn exit_prepaid(&self, of: &Receiver) -> Instruction {
        let mut call = self.exit(of.escrow, of.payer);
        call.accounts.push(AccountMeta::new_readonly(self.token(&of.escrow), false));
        call
    }

    pub fn close_prepaid(&self, of: &Receiver) -> Instruction {
        let accounts = [
            ("rent_payer", who("rent")),
            ("market", of.pool.market),
            ("escrow", of.escrow),
            ("inbox", self.token(&of.escrow)),
            ("token_program", self.token_program),
        ];
        escrow().call("close_prepaid", &accounts, &[])
    }

    pub fn post_batch(&self, seq: u64, roots: &Roots) -> Instruction {
        let pool = self.pool("admin");
        escrow().call(
            "post_batch",
            &[
                ("rent_payer", who("rent")),
                ("operator", who("operator")),
                ("market", pool.market),
                ("pool", pool.pool),
                ("vault", pool.vault),
                ("batch", pool.batch(seq)),
                ("poster", poster_of("admin", "operator")),
            ],
            &[
                ("seq", Arg::U64(seq)),
                ("receipts_root", Arg::Bytes(roots.receipts_root.to_vec())),
                ("receipts_count", Arg::U32(roots.receipts_count)),
                ("credit_root", Arg::Bytes(roots.credit_root.to_vec())),
                ("credit_sum", Arg::U64(roots.credit_sum)),
                ("payee_count", Arg::U32(roots.payee_count)),
            ],
        )
    }

    /// More bond of an operator in the market of `creator`.
    pub fn bond_poster(&self, creator: &str, operator: &str, amount: u64) -> Instruction {
        let accounts = [
            ("rent_payer", who("rent")),
            ("operator", who(operator)),
            ("market", market_of(creator)),
            ("poster", poster_of(creator, operator)),
            ("operator_token", self.token(&who(operator))),
            ("bond_mint", self.mint),
            ("bond_vault", bonds_of(creator)),
            ("token_program", self.token_program),
        ];
        escrow().call("bond_poster", &accounts, &[("amount", Arg::U64(amount))])
    }

    pub fn request_unbond_poster(&self, operator: &str) -> Instruction {
        self.on_market("request_unbond_poster", &[("operator", who(operator)), ("poster", poster_of("admin", operator))], &[])
    }

    pub fn withdraw_poster_bond(&self, operator: &str) -> Instruction {
        let accounts = [
            ("operator", who(operator)),
            ("poster", poster_of("admin", operator)),
            ("rent_payer", who("rent")),
            ("operator_token", self.token(&who(operator))),
            ("bond_mint", self.mint),
            ("bond_vault", bonds_of("admin")),
            ("token_program", self.token_program),
        ];
        self.on_market("withdraw_poster_bond", &accounts, &[])
    }

    /// The proof by "hunter" that a leaf of a tree stands in a batch.
    pub fn prove_leaf(&self, seq: u64, tree: &Tree, index: usize) -> Instruction {
        let batch = self.pool("admin").batch(seq);
        let credit = &tree.credits[index];
        escrow().call(
            "prove_leaf",
            &[("prover", who("hunter")), ("batch", batch), ("leaf", leaf_of(&batch, index))],
            &[
                ("index", Arg::U32(index as u32)),
                ("payee", Arg::Key(credit.payee)),
                ("kind", Arg::U8(credit.kind)),
                ("cumulative", Arg::U64(credit.cumulative)),
                ("proof", Arg::Proof(tree.proof(index))),
            ],
        )
    }

    pub fn close_leaf(&self, leaf: Address) -> Instruction {
        escrow().call("close_leaf", &[("prover", who("hunter")), ("leaf", leaf)], &[])
    }

    /// A challenge by "hunter"; `shown` is floor, leaf and next, where none is the program.
    pub fn challenge_batch(&self, seq: u64, fault: u8, shown: [Option<Address>; 3]) -> Instruction {
        let pool = self.pool("admin");
        let [floor, leaf, next] = shown.map(|account| account.unwrap_or(escrow().program));
        let accounts = [
            ("challenger", who("hunter")),
            ("pool", pool.pool),
            ("batch", pool.batch(seq)),
            ("poster", poster_of("admin", "operator")),
            ("floor", floor),
            ("leaf", leaf),
            ("next", next),
            ("reward_token", self.token(&who("hunter"))),
            ("bond_mint", self.mint),
            ("bond_vault", bonds_of("admin")),
            ("token_program", self.token_program),
        ];
        self.on_market("challenge_batch", &accounts, &[("fault", Arg::U8(fault))])
    }

    pub fn finalize_batch(&self, seq: u64) -> Instruction {
        let pool = self.pool("admin");
        escrow().call("finalize_batch", &[("market", pool.market), ("pool", pool.pool), ("batch", pool.batch(seq))], &[])
    }

    pub fn void_batch(&self, seq: u64, reason: u8) -> Instruction {
        let pool = self.pool("admin");
        escrow().call("void_batch", &[("market", pool.market), ("pool", pool.pool), ("batch", pool.batch(seq))], &[("reason", Arg::U8(reason))])
    }

    pub fn sync_inflow(&self) -> Instruction {
        let pool = self.pool("admin");
        escrow().call("sync_inflow", &[("pool", pool.pool), ("market", pool.market), ("vault", pool.vault)], &[])
    }

    /// A job of "payer" for "node", opened now.
    pub fn open_job(&self, amount: u64, deadline: u64) -> (Address, Instruction) {
        let pool = self.pool("admin");
        let slot = self.slot();
        let job = pool.job(&who("payer"), slot);
        let accounts = [
            ("rent_payer", who("rent")),
            ("payer", who("payer")),
            ("pool", pool.pool),
            ("job", job),
            ("payer_token", self.token(&who("payer"))),
            ("mint", pool.mint),
            ("deposit_vault", pool.deposits),
            ("token_program", self.token_program),
        ];
        let args = [
            ("open_slot", Arg::U64(slot)),
            ("node_key", Arg::Key(who("node"))),
            ("amount", Arg::U64(amount)),
            ("deadline_slot", Arg::U64(deadline)),
            ("terms_hash", Arg::Bytes(vec![0x7e; 32])),
        ];
        (job, self.on_market("open_job", &accounts, &args))
    }

    fn release_accounts(&self, job: Address) -> Vec<(&'static str, Address)> {
        let pool = self.pool("admin");
        vec![
            ("pool", pool.pool),
            ("job", job),
            ("node", registry_of("admin").node(&who("node"))),
            ("payout_token", self.token(&who("provider"))),
            ("treasury_token", self.token(&who("treasury"))),
            ("mint", pool.mint),
            ("deposit_vault", pool.deposits),
            ("token_program", self.token_program),
        ]
    }

    pub fn release_job(&self, job: Address, cumulative: u64) -> Instruction {
        let accounts = [self.release_accounts(job), vec![("payer", who("payer"))]].concat();
        self.on_market("release_job", &accounts, &[("cumulative", Arg::U64(cumulative))])
    }

    pub fn award_job(&self, job: Address, cumulative: u64) -> Instruction {
        self.on_market("award_job", &self.release_accounts(job), &[("cumulative", Arg::U64(cumulative))])
    }

    pub fn refund_job(&self, job: Address) -> Instruction {
        let pool = self.pool("admin");
        let accounts = [
            ("pool", pool.pool),
            ("job", job),
            ("rent_payer", who("rent")),
            ("payer_token", self.token(&who("payer"))),
            ("mint", pool.mint),
            ("deposit_vault", pool.deposits),
            ("token_program", self.token_program),
        ];
        self.on_market("refund_job", &accounts, &[])
    }

    /// A payment of "payer" under a reference.
    pub fn pay(&self, reference: [u8; 32], amount: u64) -> (Address, Instruction) {
        let pool = self.pool("admin");
        let payment = pool.payment(&who("payer"), &reference);
        let accounts = [
            ("rent_payer", who("rent")),
            ("payer", who("payer")),
            ("pool", pool.pool),
            ("payment", payment),
            ("payer_token", self.token(&who("payer"))),
            ("vault", pool.vault),
            ("mint", pool.mint),
            ("token_program", self.token_program),
        ];
        let args = [("reference", Arg::Bytes(reference.to_vec())), ("amount", Arg::U64(amount))];
        (payment, self.on_market("pay", &accounts, &args))
    }

    pub fn close_payment(&self, payment: Address) -> Instruction {
        let accounts = [("rent_payer", who("rent")), ("pool", self.pool("admin").pool), ("payment", payment)];
        self.on_market("close_payment", &accounts, &[])
    }

    pub fn close_batch(&self, seq: u64) -> Instruction {
        let pool = self.pool("admin");
        let accounts = [("rent_payer", who("rent")), ("pool", pool.pool), ("batch", pool.batch(seq))];
        self.on_market("close_batch", &accounts, &[])
    }

    /// The node's own settlement of a job, with what payer and gateway signed before it.
    pub fn settle_direct(&self, job: &DirectJob) -> Vec<Instruction> {
        let pool = self.pool("admin");
        let accounts = [
            ("rent_payer", who(job.node)),
            ("node_key", who(job.node)),
            ("pool", pool.pool),
            ("escrow", job.escrow),
            ("direct", job.address()),
            ("node", registry_of("admin").node(&who(job.node))),
        ];
        let args = [
            ("nonce", Arg::Bytes(job.nonce.to_vec())),
            ("cumulative", Arg::U64(job.cumulative)),
            ("request_hash", Arg::Bytes(vec![0xa5; 32])),
            ("tier", Arg::U8(job.tier)),
            ("ceiling", Arg::U64(job.ceiling)),
            ("work_hash", Arg::Bytes(job.work_hash().to_vec())),
            ("charge", Arg::U64(job.charge)),
            ("receipt_hash", Arg::Bytes(job.receipt_hash().to_vec())),
        ];
        let session = key(job.session);
        let (paper, asked, assigned) = (voucher(&job.escrow, job.voucher.0, job.voucher.1), job.binding(), job.assignment(&self.mint));
        let verify = precompile::verify(&[(&session, &paper), (&session, &asked), (&key(job.gateway), &assigned)]);
        vec![verify, self.on_market("settle_direct", &accounts, &args)]
    }

    /// A receipt in a batch, against its node's own settlement of the same job.
    pub fn disprove_direct(&self, direct: Address, seq: u64, (receipt, index, proof): (Vec<u8>, u32, Vec<[u8; 32]>)) -> Instruction {
        let accounts = [("direct", direct), ("batch", self.pool("admin").batch(seq))];
        self.on_market("disprove_direct", &accounts, &[("index", Arg::U32(index)), ("receipt", Arg::Blob(receipt)), ("proof", Arg::Hashes(proof))])
    }

    /// The quorum's word against a node's own settlement.
    pub fn void_direct(&self, job: &DirectJob, reason: u8) -> Vec<Instruction> {
        let call = self.on_market("void_direct", &[("direct", job.address())], &[("reason", Arg::U8(reason))]);
        vec![quorum(&direct_void_digest(job, reason)), call]
    }

    fn direct_accounts(&self, job: &DirectJob) -> Vec<(&'static str, Address)> {
        let pool = self.pool("admin");
        vec![
            ("pool", pool.pool),
            ("direct", job.address()),
            ("node", registry_of("admin").node(&who(job.node))),
            ("mint", pool.mint),
            ("deposit_vault", pool.deposits),
            ("token_program", self.token_program),
        ]
    }

    pub fn finish_direct(&self, job: &DirectJob, payout: &str) -> Instruction {
        let tokens = vec![("payout_token", self.token(&who(payout))), ("treasury_token", self.token(&who("treasury")))];
        self.on_market("finish_direct", &[self.direct_accounts(job), tokens].concat(), &[])
    }

    pub fn return_direct(&self, job: &DirectJob, payer: &str) -> Instruction {
        let payers = vec![("escrow", job.escrow), ("payer_token", self.token(&who(payer)))];
        self.on_market("return_direct", &[self.direct_accounts(job), payers].concat(), &[])
    }

    pub fn close_direct(&self, job: &DirectJob) -> Instruction {
        self.on_market("close_direct", &[("rent_payer", who(job.node)), ("direct", job.address()), ("escrow", job.escrow)], &[])
    }

    /// A claim of a tree's leaf; a node's goes to `wallet`, everybody else's to themselves.
    pub fn claim(&self, seq: u64, tree: &Tree, index: usize, wallet: &Address) -> Instruction {
        self.claim_by(seq, &tree.credits[index], (index, tree.proof(index)), wallet)
    }

    /// A claim of a credit by its place in the batch's tree.
    pub fn claim_by(&self, seq: u64, credit: &Credit, (index, proof): (usize, Vec<Node>), wallet: &Address) -> Instruction {
        let pool = self.pool("admin");
        let node = if credit.kind == 1 { registry_of("admin").node(&credit.payee) } else { escrow().program };
        escrow().call(
            "claim",
            &[
                ("rent_payer", who("rent")),
                ("market", pool.market),
                ("pool", pool.pool),
                ("batch", pool.batch(seq)),
                ("claim", pool.claim(&credit.payee, credit.kind)),
                ("payee", credit.payee),
                ("node", node),
                ("destination", self.token(wallet)),
                ("mint", pool.mint),
                ("vault", pool.vault),
                ("token_program", self.token_program),
            ],
            &[
                ("kind", Arg::U8(credit.kind)),
                ("cumulative", Arg::U64(credit.cumulative)),
                ("index", Arg::U32(index as u32)),
                ("proof", Arg::Proof(proof)),
            ],
        )
    }

    // --- the chain ---------------------------------------------------------------------------------------------------

    /// The machine, for what no cluster can do.
    fn machine(&mut self, what: &str) -> &mut litesvm::LiteSVM {
        match &mut self.chain {
            Chain::Machine(svm) => svm,
            Chain::Cluster(_) => panic!("a cluster cannot {what}: the test must say only_inside"),
        }
    }

    /// Adds a program that is written in this process.
    pub fn add_builtin(&mut self, program: Address, entrypoint: solana_program_runtime::invoke_context::BuiltinFunctionRegisterer) {
        self.machine("take a program from the tests").add_builtin(program, entrypoint);
    }

    /// Puts the clock to a slot; a slot is 400 ms.
    pub fn at(&mut self, slot: u64) {
        let clock = Clock { slot, unix_timestamp: NOW + (slot as i64 - START as i64) * 2 / 5, ..Clock::default() };
        self.machine("set its clock").set_sysvar(&clock);
    }

    pub fn slot(&self) -> u64 {
        self.chain.clock().slot
    }

    pub fn unix_time(&self) -> i64 {
        self.chain.clock().unix_timestamp
    }

    /// Lets slots pass; on a cluster, waits until they have, and those of [`World::almost`] before.
    pub fn pass(&mut self, slots: u64) {
        let now = self.slot();
        match &self.chain {
            Chain::Machine(_) => self.at(now + slots),
            Chain::Cluster(cluster) => {
                let until = now.max(self.due) + slots;
                cluster.await_clock(&format!("slot {until}"), |clock| clock.slot >= until);
            }
        }
    }

    /// Lets all but one of so many slots pass. A cluster cannot be stopped in its last slot: there none has passed yet, and the next
    /// [`World::pass`] makes up for it.
    pub fn almost(&mut self, slots: u64) {
        self.almost_until(self.slot() + slots);
    }

    /// The same up to a slot.
    pub fn almost_until(&mut self, slot: u64) {
        if outside() {
            self.due = slot - 1;
        } else {
            self.at(slot - 1);
        }
    }

    /// Lets this many seconds pass, whole slots of them.
    pub fn pass_seconds(&mut self, seconds: i64) {
        let until = self.unix_time() + seconds;
        match &self.chain {
            Chain::Machine(_) => self.pass((seconds as u64 * 5).div_ceil(2)),
            Chain::Cluster(cluster) => cluster.await_clock(&format!("second {until}"), |clock| clock.unix_timestamp >= until),
        }
    }

    /// A key pair that can sign, with SOL.
    pub fn wallet(&mut self, name: &str) {
        self.wallets(&[name]);
    }

    fn wallets(&mut self, names: &[&str]) {
        for name in names {
            let key = key(name);
            self.keys.insert(key.pubkey(), *key.secret_bytes());
            if !outside() {
                self.put(key.pubkey(), SYSTEM, vec![], 10_000_000_000);
            }
        }
        if let (Chain::Cluster(cluster), ["fees"]) = (&self.chain, names) {
            return cluster.airdrop(&who("fees"), BUDGET);
        }
        if outside() {
            let gifts: Vec<_> = names.iter().map(|name| transfer(&who("fees"), &who(name), ALLOWANCE)).collect();
            gifts.chunks(TRANSFERS).for_each(|some| drop(self.send(some).unwrap()));
        }
    }

    /// SOL for a wallet, from the one that pays the fees.
    pub fn gift(&mut self, name: &str, lamports: u64) {
        self.send(&[transfer(&who("fees"), &who(name), lamports)]).unwrap();
    }

    pub fn can_sign(&self, address: &Address) -> bool {
        self.keys.contains_key(address)
    }

    /// Keeps an address that depends on when it was made.
    pub fn remember(&mut self, what: &'static str, address: Address) {
        self.remembered.insert(what, address);
    }

    pub fn remembered(&self, what: &str) -> Option<Address> {
        self.remembered.get(what).copied()
    }

    pub fn account(&self, address: &Address) -> Option<Account> {
        self.chain.account(address)
    }

    /// Lamports of an account, 0 where there is none.
    pub fn balance(&self, address: &Address) -> u64 {
        self.account(address).map_or(0, |account| account.lamports)
    }

    /// Writes an account. On a cluster only lamports of an account that is nobody's can be made so.
    pub fn put(&mut self, address: Address, owner: Address, data: Vec<u8>, lamports: u64) {
        if outside() && owner == SYSTEM && data.is_empty() && lamports > self.balance(&address) {
            let more = lamports - self.balance(&address);
            self.send(&[transfer(&who("fees"), &address, more)]).unwrap();
            return;
        }
        let account = Account { lamports, data, owner, executable: false, rent_epoch: u64::MAX };
        self.machine("have its accounts written").set_account(address, account).unwrap();
    }

    /// Changes a part of an account's data.
    pub fn patch(&mut self, address: Address, at: usize, value: &[u8]) {
        let Account { lamports, mut data, owner, .. } = self.account(&address).unwrap();
        data[at..at + value.len()].copy_from_slice(value);
        self.put(address, owner, data, lamports);
    }

    /// A mint of the world's token program with 6 decimals; `extensions` as they lie behind the account type.
    pub fn mint(&mut self, address: Address, extensions: &[u8]) {
        if outside() && extensions.is_empty() {
            let name = ["mint", "mint 2"].into_iter().find(|name| who(name) == address).expect("a mint with a name");
            return self.make_mint(name, None);
        }
        let mut data = vec![0; 82];
        data[..4].copy_from_slice(&1u32.to_le_bytes());
        data[4..36].copy_from_slice(who("mint authority").as_ref());
        data[36..44].copy_from_slice(&(100 * WEALTH).to_le_bytes());
        data[44] = 6;
        data[45] = 1;
        if !extensions.is_empty() {
            data.resize(165, 0);
            data.push(1);
            data.extend_from_slice(extensions);
        }
        self.put(address, self.token_program, data, 10_000_000);
    }

    /// Makes a mint by its program: what an extension's own instructions need stands before the mint's.
    pub fn make_mint(&mut self, name: &str, extension: Option<(u64, Vec<u8>)>) {
        const LEN: u64 = 82;
        /// A mint with extensions begins like a token account and an account type; each has a type and a length.
        const EXTENDED: u64 = 165 + 1 + 4;
        const RENT: u64 = 4_000_000;
        let address = who(name);
        if self.account(&address).is_some() {
            return;
        }
        for tool in [key(name), key("mint authority")] {
            self.tools.insert(tool.pubkey(), *tool.secret_bytes());
        }
        let space = extension.as_ref().map_or(LEN, |(len, _)| EXTENDED + len);
        let data = [&0u32.to_le_bytes()[..], &RENT.to_le_bytes(), &space.to_le_bytes(), self.token_program.as_ref()].concat();
        let accounts = vec![AccountMeta::new(who("fees"), true), AccountMeta::new(address, true)];
        let create = Instruction { program_id: SYSTEM, accounts, data };
        let of_mint = |data| Instruction { program_id: self.token_program, accounts: vec![AccountMeta::new(address, false)], data };
        let initialize = of_mint([&[20, 6][..], who("mint authority").as_ref(), &[0]].concat());
        let calls: Vec<_> = [create].into_iter().chain(extension.map(|(_, data)| of_mint(data))).chain([initialize]).collect();
        self.send(&calls).unwrap();
    }

    pub fn token(&self, wallet: &Address) -> Address {
        associated(wallet, &self.mint, &self.token_program)
    }

    /// Gives a wallet its associated account with an amount.
    pub fn tokens(&mut self, wallet: &Address, amount: u64) {
        let mint = self.mint;
        self.put_tokens(self.token(wallet), &mint, wallet, amount);
    }

    /// A token account; one of Token-2022 is an associated one with an immutable owner, as its program makes them.
    pub fn put_tokens(&mut self, address: Address, mint: &Address, owner: &Address, amount: u64) {
        if outside() {
            return self.fund(address, mint, owner, amount);
        }
        let mut data = vec![0; 165];
        data[..32].copy_from_slice(mint.as_ref());
        data[32..64].copy_from_slice(owner.as_ref());
        data[64..72].copy_from_slice(&amount.to_le_bytes());
        data[108] = 1;
        if self.token_program == TOKEN_2022 {
            data.extend_from_slice(&[2, 7, 0, 0, 0]);
        }
        self.put(address, self.token_program, data, 10_000_000);
    }

    /// Opens an associated account where it is missing and mints what it lacks.
    fn fund(&mut self, address: Address, mint: &Address, owner: &Address, amount: u64) {
        assert_eq!(address, associated(owner, mint, &self.token_program), "on a cluster token accounts are associated ones");
        let open = Instruction {
            program_id: ASSOCIATED,
            accounts: vec![
                AccountMeta::new(who("fees"), true),
                AccountMeta::new(address, false),
                AccountMeta::new_readonly(*owner, false),
                AccountMeta::new_readonly(*mint, false),
                AccountMeta::new_readonly(SYSTEM, false),
                AccountMeta::new_readonly(self.token_program, false),
            ],
            data: vec![1],
        };
        let lacking = amount.checked_sub(self.amount(&address)).expect("on a cluster nobody's tokens can be taken away");
        let accounts = vec![AccountMeta::new(*mint, false), AccountMeta::new(address, false), AccountMeta::new_readonly(who("mint authority"), true)];
        let more = Instruction { program_id: self.token_program, accounts, data: [&[7][..], &lacking.to_le_bytes()].concat() };
        let calls = if lacking == 0 { vec![open] } else { vec![open, more] };
        self.send(&calls).unwrap();
    }

    pub fn amount(&self, token: &Address) -> u64 {
        self.account(token).map_or(0, |account| u64::from_le_bytes(account.data[64..72].try_into().unwrap()))
    }

    pub fn data(&self, address: &Address) -> Vec<u8> {
        self.account(address).unwrap_or_else(|| panic!("no account {address}")).data
    }

    /// What a signer's key pair is made of.
    pub fn seed(&self, signer: &Address) -> [u8; 32] {
        *self.keys.get(signer).or_else(|| self.tools.get(signer)).unwrap_or_else(|| panic!("{signer} cannot sign"))
    }

    /// The transaction of instructions, paid by the wallet "fees" and signed by everybody whom it names as a signer.
    pub fn transaction(&mut self, instructions: &[Instruction]) -> VersionedTransaction {
        self.serial += 1;
        let mut blockhash = self.chain.blockhash(self.serial);
        let mut message = Message::new_with_blockhash(instructions, Some(&who("fees")), &Default::default());
        if let Chain::Cluster(cluster) = &self.chain {
            // Two transactions of the same bytes are one.
            if !cluster.is_new(&bincode::serialize(&message).unwrap()) {
                blockhash = cluster.next_blockhash(&blockhash);
            }
        }
        message.recent_blockhash = blockhash;
        self.signed(VersionedMessage::Legacy(message))
    }

    fn signed(&self, message: VersionedMessage) -> VersionedTransaction {
        let bytes = bincode::serialize(&message).unwrap();
        let count = message.header().num_required_signatures as usize;
        let signers = &message.static_account_keys()[..count];
        let signatures = signers.iter().map(|address| Keypair::new_from_array(self.seed(address)).sign_message(&bytes)).collect();
        VersionedTransaction { signatures, message }
    }

    /// A version 0 transaction paid by a wallet, which takes from a lookup table what it can.
    pub fn transaction_by(&mut self, payer: &str, instructions: &[Instruction], table: &AddressLookupTableAccount) -> VersionedTransaction {
        self.serial += 1;
        let blockhash = self.chain.blockhash(self.serial);
        let message = v0::Message::try_compile(&who(payer), instructions, std::slice::from_ref(table), blockhash).unwrap();
        self.signed(VersionedMessage::V0(message))
    }

    /// A legacy transaction paid by a wallet.
    pub fn legacy_by(&mut self, payer: &str, instructions: &[Instruction]) -> VersionedTransaction {
        self.serial += 1;
        let blockhash = self.chain.blockhash(self.serial);
        self.signed(VersionedMessage::Legacy(Message::new_with_blockhash(instructions, Some(&who(payer)), &blockhash)))
    }

    /// A lookup table as it stands after its slot.
    pub fn lookup_table(&mut self, addresses: Vec<Address>) -> AddressLookupTableAccount {
        const PROGRAM: Address = Address::from_str_const("AddressLookupTab1e1111111111111111111111111");
        let mut data = [&1u32.to_le_bytes()[..], &u64::MAX.to_le_bytes(), &0u64.to_le_bytes(), &[0, 1], who("fees").as_ref(), &[0, 0]].concat();
        addresses.iter().for_each(|address| data.extend_from_slice(address.as_ref()));
        self.put(who("lookup table"), PROGRAM, data, 100_000_000);
        AddressLookupTableAccount { key: who("lookup table"), addresses }
    }

    /// Sends what [`World::transaction`] or [`World::transaction_by`] made.
    pub fn submit(&mut self, transaction: VersionedTransaction) -> Outcome {
        fits(&transaction)?;
        self.chain.send(transaction).map_err(|error| reason(&error))
    }

    /// For simulation, which on a cluster looks at neither blockhash nor signatures.
    fn draft(&mut self, instructions: &[Instruction]) -> VersionedTransaction {
        if !outside() {
            return self.transaction(instructions);
        }
        let message = Message::new(instructions, Some(&who("fees")));
        let signatures = vec![Default::default(); message.header.num_required_signatures as usize];
        VersionedTransaction { signatures, message: VersionedMessage::Legacy(message) }
    }

    pub fn send(&mut self, instructions: &[Instruction]) -> Outcome {
        let transaction = self.transaction(instructions);
        self.submit(transaction)
    }

    /// What sending would do, without doing it: the accounts afterwards, or the error.
    pub fn would(&mut self, instructions: &[Instruction]) -> Result<Would, String> {
        let draft = self.draft(instructions);
        fits(&draft)?;
        self.chain.simulate(draft).map_err(|error| reason(&error))
    }

    /// The name of the error that refuses the instructions.
    pub fn refused(&mut self, instructions: &[Instruction]) -> String {
        let draft = self.draft(instructions);
        match fits(&draft).and_then(|()| self.chain.verdict(draft).map_err(|error| reason(&error))) {
            Ok(()) => "nothing".to_owned(),
            Err(reason) => reason,
        }
    }
}

/// A cluster takes no more than a packet, which the machine does not look at: whatever is larger is refused before it is read.
fn fits(transaction: &VersionedTransaction) -> Result<(), String> {
    const PACKET: usize = 1_232;
    match bincode::serialize(transaction).unwrap().len() {
        bytes if outside() && bytes > PACKET => Err(format!("transaction of {bytes} bytes")),
        _ => Ok(()),
    }
}

fn transfer(from: &Address, to: &Address, lamports: u64) -> Instruction {
    let data = [&2u32.to_le_bytes()[..], &lamports.to_le_bytes()].concat();
    Instruction { program_id: SYSTEM, accounts: vec![AccountMeta::new(*from, true), AccountMeta::new(*to, false)], data }
}

/// Self-CPI events of a transaction, in order.
pub fn events(sent: &Sent) -> Vec<Vec<u8>> {
    sent.inner.iter().filter(|data| data.starts_with(&[0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d])).cloned().collect()
}

fn reason(error: &TransactionError) -> String {
    match error {
        TransactionError::InstructionError(_, InstructionError::Custom(code)) if *code >= 6000 => escrow().error(*code),
        TransactionError::InstructionError(_, error) => format!("runtime {error:?}"),
        error => format!("transaction {error:?}"),
    }
}
