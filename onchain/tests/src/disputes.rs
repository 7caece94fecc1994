//! Disputes: the game that a node and its accuser play on a receipt, its ends, and what they do to stakes and bonds. What the numbers of a
//! model have to be is the engine's crate's to test; here the trees are of our own making, and so are the lies.

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    bonds::{Bonded::Node, Slash},
    bytes::{TOKEN, TOKEN_2022, hex, sha256, u64_at},
    chain::only_inside,
    idl::Arg,
    precompile,
    world::*,
};

type Hash = [u8; 32];

/// Phases, as `docs/disputes.md` numbers them.
const HALVES: u8 = 2;
const STEP: u8 = 4;
const PART: u8 = 5;
const BLOCK: u8 = 6;
const CHOICE: u8 = 7;
const CHUNK: u8 = 8;
const PROOF: u8 = 9;
const VECTOR: u8 = 10;
const IDS: u8 = 11;
const TRACE: u8 = 12;

const PROVEN: u8 = 1;
const NODE_SILENT: u8 = 2;
const ACCUSER_SILENT: u8 = 3;
const GIVEN_UP: u8 = 4;

const SALT: Hash = [0x5a; 32];
const TOKENIZER: Hash = [0x70; 32];
const LAYERS: u32 = 2;
const VOCABULARY: u32 = 8;

fn leaf(item: &Hash) -> Hash {
    sha256(&[&[0], item])
}

fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// The hash of a subtree, as RFC 6962 defines it.
fn root(items: &[Hash]) -> Hash {
    match items {
        [one] => leaf(one),
        _ => {
            let (left, right) = items.split_at(split(items.len()));
            sha256(&[&[1], &root(left), &root(right)])
        }
    }
}

fn path(items: &[Hash], index: usize) -> Vec<Hash> {
    if items.len() == 1 {
        return vec![];
    }
    let (left, right) = items.split_at(split(items.len()));
    let (mut steps, sibling) = if index < left.len() { (path(left, index), root(right)) } else { (path(right, index - left.len()), root(left)) };
    steps.push(sibling);
    steps
}

/// `length u16 ‖ bytes`.
fn counted(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_le_bytes()[..], bytes].concat()
}

/// Bytes and the path from their hash to the root over all items.
fn opening(bytes: &[u8], items: &[Hash], index: usize) -> Vec<u8> {
    let steps = path(items, index);
    [&counted(bytes)[..], &[steps.len() as u8], &steps.concat()].concat()
}

fn ids(tokens: &[u32]) -> Vec<u8> {
    tokens.iter().flat_map(|token| token.to_le_bytes()).collect()
}

fn counted_ids(tokens: &[u32]) -> Vec<u8> {
    [&(tokens.len() as u32).to_le_bytes()[..], &ids(tokens)].concat()
}

/// A model of two layers and one head of 32 values; nothing but its header is ever shown.
fn header() -> Vec<u8> {
    let sizes = [LAYERS, 32, 1, 1, 32, 32, VOCABULARY].map(u32::to_le_bytes).concat();
    [b"nyxos:weights:v1", &sizes[..], &[1], &[43_000u64, 273_841_598].map(u64::to_le_bytes).concat(), &[7; 16 * 8]].concat()
}

fn weights() -> Vec<Hash> {
    let layer = 1 + 32 + 32 + 32 + 32 + 1 + 32 + 32 + 32;
    let rows = 1..(1 + VOCABULARY + 1 + LAYERS * layer);
    [sha256(&[&header()])].into_iter().chain(rows.map(|row| sha256(&[&row.to_le_bytes()]))).collect()
}

fn model_id() -> Hash {
    sha256(&[b"nyxos:model:v1", &root(&weights()), &TOKENIZER, b"nyx-int8-v1"])
}

/// What a node signed of a job, and what it opens when it is asked.
#[derive(Clone)]
pub struct Job {
    /// Name of the node's key.
    pub node: &'static str,
    /// Name of the key that signs the receipt.
    pub receipt_key: &'static str,
    pub prompt: Vec<u32>,
    pub reply: Vec<u32>,
    /// The tokens of its steps.
    pub ran: Vec<u32>,
    /// Temperature, `top_p`, `top_k`.
    pub sampler: [u32; 3],
    /// The salt of the trace.
    pub salt: Hash,
    /// What the assignment commits to besides the length; nothing, where it is zero.
    pub constraints: Vec<u8>,
    /// A number that tells two jobs apart.
    pub serial: u8,
    /// Chunks of the vectors 0 to 16 of every block, and of a choice's 0 to 4.
    pub of_block: [Vec<Vec<u8>>; 17],
    pub of_choice: [Vec<Vec<u8>>; 5],
    pub candidates: u32,
}

impl Job {
    /// A job that was done as it was to be: two tokens of prompt, two of reply.
    pub fn new(node: &'static str, serial: u8) -> Self {
        let (prompt, reply) = (vec![1, 2], vec![3, 4]);
        let ran = [prompt.clone(), reply[..reply.len() - 1].to_vec()].concat();
        let of_block = std::array::from_fn(|vector| if vector == 9 { vec![vec![9; 136], vec![8; 136]] } else { vec![vec![vector as u8; 34]] });
        let of_choice = std::array::from_fn(|vector| vec![vec![0x40 + vector as u8; 16]]);
        Self {
            node,
            receipt_key: "receipt key",
            prompt,
            reply,
            ran,
            sampler: [700_000, 1_000_000, 0],
            salt: SALT,
            constraints: vec![],
            serial,
            of_block,
            of_choice,
            candidates: 1,
        }
    }

    /// As [`Self::new`], but one step ran another token than the prompt's.
    pub fn lied(node: &'static str, serial: u8) -> Self {
        let mut job = Self::new(node, serial);
        job.ran[1] = 7;
        job
    }

    /// Hashes of the blocks of a step.
    pub fn blocks(&self, position: usize) -> Vec<Hash> {
        (0..LAYERS).map(|layer| sha256(&[b"block", &(position as u32).to_le_bytes(), &layer.to_le_bytes()])).collect()
    }

    pub fn steps(&self) -> Vec<Hash> {
        let step = |(position, token): (usize, &u32)| {
            let blocks = root(&self.blocks(position));
            sha256(&[b"nyxos:trace-step:v1", &(position as u32).to_le_bytes(), &token.to_le_bytes(), &blocks])
        };
        self.ran.iter().enumerate().map(step).collect()
    }

    fn assignment(&self) -> Vec<u8> {
        let constraints = if self.constraints.is_empty() { [0; 32] } else { sha256(&[b"nyxos:constraints:v1", &self.constraints]) };
        let mut bytes = vec![self.serial; 171 + 153];
        bytes[171 + 73..171 + 105].copy_from_slice(&constraints);
        bytes
    }

    fn assignment_hash(&self) -> Hash {
        let assignment = self.assignment();
        let work = sha256(&[b"nyxos:assignment-work:v2", &assignment[171..]]);
        sha256(&[b"nyxos:assignment:v2", &assignment[..171], &work])
    }

    /// The receipt of protocol §6.
    pub fn receipt(&self) -> Vec<u8> {
        [
            &[1][..],
            &[self.serial; 32],
            who(self.node).as_ref(),
            &model_id(),
            &11u32.to_le_bytes(),
            b"nyx-int8-v1",
            &[2],
            &7u64.to_le_bytes(),
            &self.sampler.map(u32::to_le_bytes).concat(),
            &sha256(&[b"nyxos:prompt:v1", &SALT, &ids(&self.prompt)]),
            &sha256(&[b"nyxos:output:v1", &ids(&self.reply)]),
            &(self.prompt.len() as u32).to_le_bytes(),
            &(self.reply.len() as u32).to_le_bytes(),
            who("mint").as_ref(),
            &40u64.to_le_bytes(),
            &[2],
            &sha256(&[b"nyxos:trace:v1", &self.salt, &root(&self.steps())]),
            &[0; 32],
            &self.assignment_hash(),
            &(NOW * 1_000).to_le_bytes(),
            &(NOW * 1_000 + 900).to_le_bytes(),
        ]
        .concat()
    }

    pub fn receipt_hash(&self) -> Hash {
        sha256(&[b"nyxos:receipt:v1", &self.receipt()])
    }

    /// Evidence of `show_model`: the header, and the parts that are asked for.
    pub fn model(&self, parts: [&[u8]; 3]) -> Vec<u8> {
        [opening(&header(), &weights(), 0), parts.map(counted).concat()].concat()
    }

    /// Evidence of `show_ids`.
    pub fn texts(&self) -> Vec<u8> {
        [&SALT[..], &counted_ids(&self.prompt), &counted_ids(&self.reply)].concat()
    }
}

/// Roots of vectors.
fn roots(vectors: &[Vec<Vec<u8>>]) -> Vec<Hash> {
    vectors.iter().map(|chunks| root(&chunks.iter().map(|chunk| sha256(&[chunk])).collect::<Vec<_>>())).collect()
}

/// A dispute about a job, by a name's accuser.
#[derive(Clone)]
pub struct Dispute {
    pub job: Job,
    pub accuser: &'static str,
    pub node: Address,
    pub address: Address,
    pub evidence: Address,
}

/// How many moves win a dispute of a [`Job::lied`].
pub const WINNING_MOVES: usize = 9;
/// Who is to make each of them: the node, or else the accuser.
pub const NODES_MOVE: [bool; WINNING_MOVES] = [false, true, true, false, true, false, true, false, false];

impl Dispute {
    /// The calls of one of [`WINNING_MOVES`], with what has to be written before it.
    pub fn winning_move(&self, world: &World, number: usize) -> Vec<Instruction> {
        let steps = self.job.steps();
        let with_evidence = |bytes: &[u8], call: Instruction| vec![self.open_evidence(), self.write(0, bytes), call, self.close_evidence()];
        match number {
            0 => with_evidence(&self.job.model([&[], &[], &[]]), self.show_model(0)),
            1 => vec![self.trace()],
            2 => vec![self.halves(&steps, 1).0],
            3 => vec![self.choose(0)],
            4 => vec![self.halves(&steps[..2], 1).0],
            5 => vec![self.choose(1)],
            6 => vec![self.step(1)],
            7 => vec![self.choose(1)],
            _ => with_evidence(&self.token_proof(), self.prove(world, 0)),
        }
    }

    pub fn new(job: Job, accuser: &'static str) -> Self {
        let (program, node) = (registry().program, Node.account(job.node));
        let address = Address::find_program_address(&[b"dispute", node.as_ref(), &job.receipt_hash(), who(accuser).as_ref()], &program).0;
        let evidence = Address::find_program_address(&[b"evidence", address.as_ref()], &program).0;
        Self { job, accuser, node, address, evidence }
    }

    /// The opening, with the receipt key's signature before it.
    pub fn open(&self, world: &World) -> Vec<Instruction> {
        let at = registry_of("admin");
        let accounts = [
            ("rent_payer", who(self.accuser)),
            ("accuser", who(self.accuser)),
            ("config", at.config),
            ("node", self.node),
            ("dispute", self.address),
            ("accuser_token", world.token(&who(self.accuser))),
            ("bond_mint", world.mint),
            ("bond_vault", at.bonds),
            ("token_program", world.token_program),
        ];
        let call = registry().call("open_dispute", &accounts, &[("receipt", Arg::Blob(self.job.receipt()))]);
        vec![precompile::verify(&[(&key(self.job.receipt_key), &self.job.receipt_hash())]), call]
    }

    fn accuses(&self, name: &str, accounts: &[(&str, Address)], args: &[(&str, Arg)]) -> Instruction {
        let own = [("accuser", who(self.accuser)), ("config", registry_of("admin").config), ("dispute", self.address)];
        registry().call(name, &[&own[..], accounts].concat(), args)
    }

    pub fn show_model(&self, last: u8) -> Instruction {
        let args = [("last", Arg::U8(last)), ("tokenizer_hash", Arg::Bytes(TOKENIZER.to_vec()))];
        self.accuses("show_model", &[("evidence", self.evidence)], &args)
    }

    pub fn choose(&self, choice: u8) -> Instruction {
        self.accuses("choose", &[], &[("choice", Arg::U8(choice))])
    }

    pub fn show_ids(&self) -> Instruction {
        self.accuses("show_ids", &[("evidence", self.evidence)], &[])
    }

    fn defends(&self, name: &str, args: &[(&str, Arg)]) -> Instruction {
        let accounts = [("node_key", who(self.job.node)), ("config", registry_of("admin").config), ("dispute", self.address)];
        registry().call(name, &accounts, args)
    }

    pub fn answer(&self, bytes: Vec<u8>) -> Instruction {
        self.defends("answer", &[("bytes", Arg::Blob(bytes))])
    }

    pub fn ask_ids(&self) -> Instruction {
        self.defends("ask_ids", &[])
    }

    /// What an end moves; `winner` is a wallet.
    fn ending(&self, world: &World, winner: &str) -> Vec<(&'static str, Address)> {
        vec![
            ("node", self.node),
            ("winner_token", world.token(&who(winner))),
            ("bond_mint", world.mint),
            ("bond_vault", registry_of("admin").bonds),
            ("token_program", world.token_program),
            ("rent_payer", who(self.accuser)),
        ]
    }

    pub fn prove(&self, world: &World, element: u32) -> Instruction {
        let accounts = [vec![("evidence", self.evidence)], self.ending(world, self.accuser)].concat();
        self.accuses("prove_fault", &accounts, &[("element", Arg::U32(element))])
    }

    /// The end on a wallet's word, in favour of another.
    pub fn end(&self, world: &World, ender: &str, winner: &str) -> Instruction {
        let own = [("ender", who(ender)), ("config", registry_of("admin").config), ("dispute", self.address)];
        registry().call("end_dispute", &[&own[..], &self.ending(world, winner)].concat(), &[])
    }

    pub fn open_evidence(&self) -> Instruction {
        registry().call("open_evidence", &[("writer", who(self.accuser)), ("dispute", self.address), ("evidence", self.evidence)], &[])
    }

    pub fn write(&self, offset: u32, bytes: &[u8]) -> Instruction {
        let accounts = [("writer", who(self.accuser)), ("dispute", self.address), ("evidence", self.evidence)];
        registry().call("write_evidence", &accounts, &[("offset", Arg::U32(offset)), ("bytes", Arg::Blob(bytes.to_vec()))])
    }

    pub fn close_evidence(&self) -> Instruction {
        registry().call("close_evidence", &[("writer", who(self.accuser)), ("dispute", self.address), ("evidence", self.evidence)], &[])
    }

    /// Writes evidence anew, in pieces that fit a transaction.
    pub fn written(&self, world: &mut World, bytes: &[u8]) {
        if world.account(&self.evidence).is_some() {
            world.send(&[self.close_evidence()]).unwrap();
        }
        world.send(&[self.open_evidence()]).unwrap();
        for (index, piece) in bytes.chunks(PIECE).enumerate() {
            world.send(&[self.write((index * PIECE) as u32, piece)]).unwrap();
        }
    }

    pub fn phase(&self, world: &World) -> u8 {
        world.data(&self.address)[3]
    }

    pub fn deadline(&self, world: &World) -> u64 {
        u64_at(&world.data(&self.address), 184)
    }

    /// The answer of phase 12.
    pub fn trace(&self) -> Instruction {
        self.answer([self.job.salt, root(&self.job.steps())].concat())
    }

    /// The halves of a place of a tree, and which of them a leaf is in.
    pub fn halves(&self, items: &[Hash], index: usize) -> (Instruction, u8) {
        let (left, right) = items.split_at(split(items.len()));
        (self.answer([root(left), root(right)].concat()), (index >= left.len()) as u8)
    }

    /// The answer of phase 4.
    pub fn step(&self, position: usize) -> Instruction {
        self.answer([&self.job.ran[position].to_le_bytes()[..], &root(&self.job.blocks(position))].concat())
    }

    /// The answer of phase 6.
    pub fn block(&self, position: usize, layer: usize) -> Instruction {
        self.answer([&self.job.blocks(position)[layer][..], &roots(&self.job.of_block).concat()].concat())
    }

    /// The answer of phase 7.
    pub fn choice(&self) -> Instruction {
        self.answer([&self.job.candidates.to_le_bytes()[..], &roots(&self.job.of_choice).concat()].concat())
    }

    /// Halves a tree until one leaf is left.
    pub fn descend(&self, world: &mut World, items: &[Hash], index: usize) {
        let (mut items, mut index) = (items, index);
        while items.len() > 1 {
            let (halves, side) = self.halves(items, index);
            world.send(&[halves]).unwrap();
            world.send(&[self.choose(side)]).unwrap();
            let (left, right) = items.split_at(split(items.len()));
            (items, index) = if side == 0 { (left, index) } else { (right, index - left.len()) };
        }
    }

    /// Opens, shows the model, and has the trace's root told.
    pub fn begin(&self, world: &mut World) {
        let opening = self.open(world);
        world.send(&opening).unwrap();
        let assignment = self.job.assignment();
        self.written(world, &self.job.model([&assignment, &self.job.constraints, &[]]));
        world.send(&[self.show_model(0)]).unwrap();
        world.send(&[self.trace()]).unwrap();
    }

    /// As far as a step of the trace, which the node has opened.
    pub fn reach_step(&self, world: &mut World, position: usize) {
        self.begin(world);
        self.descend(world, &self.job.steps(), position);
        world.send(&[self.step(position)]).unwrap();
    }

    /// Evidence that a step's token is not the prompt's.
    pub fn token_proof(&self) -> Vec<u8> {
        [&SALT[..], &counted_ids(&self.job.prompt)].concat()
    }
}

/// Bytes of evidence that a transaction has room for.
const PIECE: usize = 800;

/// A registry with the node "node" of "provider".
fn with_node(token_program: Address) -> World {
    let mut world = World::ready(token_program);
    let register = world.register_node("node", "provider");
    world.send(&[register]).unwrap();
    world
}

/// What an event says of amounts.
fn figures(told: &serde_json::Value, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| told[*name].as_str().map_or_else(|| told[*name].as_u64().unwrap(), |text| text.parse().unwrap())).collect()
}

fn open_disputes(world: &World, node: &Address) -> u32 {
    u32::from_le_bytes(world.data(node)[392..396].try_into().unwrap())
}

fn bond(world: &World, node: &Address) -> (u8, u64) {
    let data = world.data(node);
    (data[3], u64_at(&data, 200))
}

#[test]
fn a_lie_that_is_proven_costs_the_bond_and_half_of_it_is_the_accusers() {
    for token_program in [TOKEN, TOKEN_2022] {
        let mut world = with_node(token_program);
        let dispute = Dispute::new(Job::lied("node", 1), "payer");
        let lamports = |world: &World| ["rent", "payer"].map(|name| world.balance(&who(name)));
        let (rent, supply, vault) = (lamports(&world), world.supply(), registry_of("admin").bonds);
        dispute.reach_step(&mut world, 1);
        assert_eq!((world.amount(&vault), open_disputes(&world, &dispute.node)), (2 * MIN_BOND, 1));
        world.send(&[dispute.choose(1)]).unwrap();
        assert_eq!(dispute.phase(&world), PROOF);
        dispute.written(&mut world, &dispute.token_proof());
        let prove = dispute.prove(&world, 0);
        let sent = world.send(std::slice::from_ref(&prove)).unwrap();
        let told: Vec<_> = events(&sent).iter().map(|data| registry().event(data)).collect();
        assert_eq!(told.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["NodeSlashed", "DisputeEnded"]);
        assert_eq!(figures(&told[0].1, &["amount", "reward", "refund", "burned", "bond"]), [MIN_BOND, MIN_BOND / 2, 0, MIN_BOND / 2, 0]);
        assert_eq!(told[0].1["evidence_hash"].as_str().unwrap(), hex(&dispute.job.receipt_hash()));
        let ended = figures(&told[1].1, &["outcome", "reward", "burned", "returned"]);
        assert_eq!(ended, [PROVEN as u64, MIN_BOND / 2, MIN_BOND / 2, MIN_BOND]);
        assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH + MIN_BOND / 2);
        assert_eq!((world.amount(&vault), world.supply()), (0, supply - MIN_BOND / 2));
        assert_eq!((bond(&world, &dispute.node), open_disputes(&world, &dispute.node)), ((4, 0), 0));
        assert_eq!(u64_at(&world.data(&dispute.node), 344), MIN_BOND, "what was ever taken");
        assert!(world.account(&dispute.address).is_none());
        world.send(&[dispute.close_evidence()]).unwrap();
        assert_eq!(lamports(&world), rent, "all rent is back");
        assert_eq!(world.refused(&[prove]), "WrongOwner");
        let again = dispute.open(&world);
        assert_eq!(world.refused(&again), "WrongState", "a slashed node is not disputed");
    }
}

#[test]
fn an_honest_node_answers_whatever_it_is_asked_and_keeps_half_of_the_stake() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::new("node", 1), "payer");
    let supply = world.supply();
    dispute.reach_step(&mut world, 1);
    world.send(&[dispute.choose(1)]).unwrap();
    dispute.written(&mut world, &dispute.token_proof());
    assert_eq!(world.refused(&[dispute.prove(&world, 0)]), "NothingWrong");
    let give_up = dispute.end(&world, "payer", "provider");
    let sent = world.send(&[give_up]).unwrap();
    let told: Vec<_> = events(&sent).iter().map(|data| registry().event(data)).collect();
    assert_eq!(told.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["DisputeEnded"], "nobody was slashed");
    let ended = figures(&told[0].1, &["outcome", "reward", "burned", "returned"]);
    assert_eq!(ended, [GIVEN_UP as u64, MIN_BOND / 2, MIN_BOND / 2, 0]);
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH - MIN_BOND);
    assert_eq!(world.amount(&world.token(&who("provider"))), WEALTH - MIN_BOND + MIN_BOND / 2);
    assert_eq!((world.amount(&registry_of("admin").bonds), world.supply()), (MIN_BOND, supply - MIN_BOND / 2));
    assert_eq!((bond(&world, &dispute.node), open_disputes(&world, &dispute.node)), ((1, MIN_BOND), 0));
    // The accuser may think of another question, for another stake.
    world.send(&[dispute.close_evidence()]).unwrap();
    dispute.reach_step(&mut world, 0);
    world.send(&[dispute.choose(0)]).unwrap();
    assert_eq!(dispute.phase(&world), HALVES);
    dispute.descend(&mut world, &dispute.job.blocks(0), 1);
    assert_eq!(dispute.phase(&world), BLOCK);
    world.send(&[dispute.block(0, 1)]).unwrap();
    assert_eq!(dispute.phase(&world), VECTOR);
    world.send(&[dispute.choose(16)]).unwrap();
    assert_eq!(dispute.phase(&world), CHUNK);
    world.send(&[dispute.answer(dispute.job.of_block[16][0].clone())]).unwrap();
    assert_eq!(dispute.phase(&world), PROOF);
}

#[test]
fn who_is_silent_loses() {
    // Where the node has to move, and where the accuser has; who wins, and what is left of whose money.
    for (moves, outcome, winner) in
        [(0, ACCUSER_SILENT, "provider"), (1, NODE_SILENT, "payer"), (2, NODE_SILENT, "payer"), (3, ACCUSER_SILENT, "provider")]
    {
        let mut world = with_node(TOKEN);
        let dispute = Dispute::new(Job::new("node", 1), "payer");
        let opening = dispute.open(&world);
        world.send(&opening).unwrap();
        dispute.written(&mut world, &dispute.job.model([&[], &[], &[]]));
        let calls = [dispute.show_model(0), dispute.trace(), dispute.halves(&dispute.job.steps(), 0).0];
        calls[..moves].iter().for_each(|call| drop(world.send(std::slice::from_ref(call)).unwrap()));
        let end = dispute.end(&world, "attacker", winner);
        world.almost_until(dispute.deadline(&world));
        assert_eq!(world.refused(std::slice::from_ref(&end)), "TooEarly");
        world.pass(1);
        let late = [dispute.choose(0), dispute.ask_ids(), dispute.show_ids(), dispute.prove(&world, 0)];
        for call in calls.iter().chain(&late) {
            assert_eq!(world.refused(std::slice::from_ref(call)), "TooLate");
        }
        let sent = world.send(&[end]).unwrap();
        let told: Vec<_> = events(&sent).iter().map(|data| registry().event(data)).collect();
        let told = &told.last().unwrap().1;
        assert_eq!(told["outcome"].as_u64().unwrap() as u8, outcome);
        let (slashed, accuser) = if outcome == NODE_SILENT { ((4, 0), WEALTH + MIN_BOND / 2) } else { ((1, MIN_BOND), WEALTH - MIN_BOND) };
        assert_eq!(bond(&world, &dispute.node), slashed);
        assert_eq!(world.amount(&world.token(&who("payer"))), accuser);
    }
}

#[test]
fn an_answer_is_what_was_committed_to_and_the_nodes() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::new("node", 1), "payer");
    let opening = dispute.open(&world);
    world.send(&opening).unwrap();
    let job = &dispute.job;
    let steps = job.steps();
    assert_eq!(world.refused(&[dispute.trace()]), "WrongPhase", "the accuser has to show the model first");
    dispute.written(&mut world, &job.model([&[], &[], &[]]));
    world.send(&[dispute.show_model(0)]).unwrap();
    let refused = |world: &mut World, bytes: Vec<u8>| {
        let mut foreign = dispute.answer(bytes.clone());
        foreign.accounts[0].pubkey = who("payer");
        assert_eq!(world.refused(&[foreign]), "Unauthorized");
        let at = if bytes.len() == 12 { 0 } else { bytes.len() - 1 };
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        let verdicts =
            [&bytes[..bytes.len() - 1], &[&bytes[..], &[0]].concat(), &wrong].map(|bytes| world.refused(&[dispute.answer(bytes.to_vec())]));
        world.send(&[dispute.answer(bytes)]).unwrap();
        verdicts
    };
    let halves = |items: &[Hash]| {
        let (left, right) = items.split_at(split(items.len()));
        [root(left), root(right)].concat()
    };
    let opened = ["InvalidArgument", "InvalidArgument", "WrongOpening"];
    assert_eq!(refused(&mut world, [SALT, root(&steps)].concat()), opened);
    assert_eq!(refused(&mut world, halves(&steps)), opened);
    assert_eq!(world.refused(&[dispute.answer(halves(&steps))]), "WrongPhase", "the accuser has to choose");
    world.send(&[dispute.choose(0)]).unwrap();
    assert_eq!(refused(&mut world, halves(&steps[..2])), opened);
    world.send(&[dispute.choose(1)]).unwrap();
    assert_eq!(refused(&mut world, [&job.ran[1].to_le_bytes()[..], &root(&job.blocks(1))].concat()), opened);
    world.send(&[dispute.choose(0)]).unwrap();
    assert_eq!(refused(&mut world, halves(&job.blocks(1))), opened);
    world.send(&[dispute.choose(0)]).unwrap();
    let vectors = [&job.blocks(1)[0][..], &roots(&job.of_block).concat()].concat();
    let mut other = vectors.clone();
    other[0] ^= 1;
    assert_eq!(world.refused(&[dispute.answer(other)]), "WrongOpening");
    world.send(&[dispute.answer(vectors)]).unwrap();
    // Step 1 has two chunks of mixed values.
    world.send(&[dispute.choose(9)]).unwrap();
    let chunks: Vec<_> = job.of_block[9].iter().map(|chunk| sha256(&[chunk])).collect();
    assert_eq!(refused(&mut world, halves(&chunks)), opened);
    world.send(&[dispute.choose(1)]).unwrap();
    assert_eq!(world.refused(&[dispute.answer(vec![0; 545])]), "InvalidArgument");
    assert_eq!(refused(&mut world, job.of_block[9][1].clone()), ["WrongOpening"; 3]);
    assert_eq!((dispute.phase(&world), world.data(&dispute.address)[472]), (PROOF, 1));
}

#[test]
fn what_is_chosen_is_there_and_the_accusers_to_choose() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::new("node", 1), "payer");
    dispute.begin(&mut world);
    assert_eq!(world.refused(&[dispute.choose(0)]), "WrongPhase", "the node has to answer");
    let (halves, _) = dispute.halves(&dispute.job.steps(), 2);
    world.send(&[halves]).unwrap();
    assert_eq!(world.refused(&[dispute.choose(2)]), "InvalidArgument", "there are two sides");
    let mut foreign = dispute.choose(1);
    foreign.accounts[0].pubkey = who("node");
    assert_eq!(world.refused(&[foreign]), "Unauthorized");
    world.send(&[dispute.choose(1)]).unwrap();
    assert_eq!(dispute.phase(&world), STEP, "of three leaves the right side is one");
    world.send(&[dispute.step(2)]).unwrap();
    assert_eq!(dispute.phase(&world), PART);
    assert_eq!(world.refused(&[dispute.choose(3)]), "InvalidArgument");
    // Its token is the reply's first, so that the step before chose it.
    world.send(&[dispute.choose(2)]).unwrap();
    assert_eq!(dispute.phase(&world), CHOICE);
    for candidates in [0, VOCABULARY + 1] {
        let mut other = dispute.choice();
        other.data[5..9].copy_from_slice(&candidates.to_le_bytes());
        assert_eq!(world.refused(&[other]), "InvalidArgument");
    }
    world.send(&[dispute.choice()]).unwrap();
    for vector in [5, 17, 255] {
        assert_eq!(world.refused(&[dispute.choose(vector)]), "InvalidArgument", "a choice has five vectors");
    }
    world.send(&[dispute.choose(4)]).unwrap();
    world.send(&[dispute.answer(dispute.job.of_choice[4][0].clone())]).unwrap();
    assert_eq!(dispute.phase(&world), PROOF);

    let prompts = Dispute::new(Job::new("node", 2), "payer");
    prompts.reach_step(&mut world, 1);
    assert_eq!(world.refused(&[prompts.choose(2)]), "InvalidArgument", "nobody chose a token of the prompt");
    world.send(&[prompts.choose(0)]).unwrap();
    prompts.descend(&mut world, &prompts.job.blocks(1), 0);
    world.send(&[prompts.block(1, 0)]).unwrap();
    for vector in [18, 255] {
        assert_eq!(world.refused(&[prompts.choose(vector)]), "InvalidArgument", "a block has eighteen vectors");
    }
    world.send(&[prompts.choose(17)]).unwrap();
    assert_eq!(dispute.phase(&world), PROOF, "two disputes at once go on by themselves");
    assert_eq!(prompts.phase(&world), HALVES, "the stream and one key head");
}

#[test]
fn a_choice_is_disputed_of_a_job_that_had_no_form() {
    let stop = |texts: &[&str], format: &str| {
        let text = |text: &str| [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
        let stops: Vec<u8> = texts.iter().flat_map(|one| text(one)).collect();
        [&[0x11; 32][..], &(texts.len() as u32).to_le_bytes(), &stops, &text(format)].concat()
    };
    let mut world = with_node(TOKEN);
    let (free, stopped, formed) = (Job::new("node", 1), stop(&["end", ""], ""), stop(&[], "{}"));
    for (serial, constraints, verdict) in [(1, vec![], "nothing"), (2, stopped.clone(), "nothing"), (3, formed.clone(), "FormNotShown")] {
        let dispute = Dispute::new(Job { constraints: constraints.clone(), serial, ..free.clone() }, "payer");
        let opening = dispute.open(&world);
        world.send(&opening).unwrap();
        let (assignment, reply) = (dispute.job.assignment(), ids(&dispute.job.reply));
        dispute.written(&mut world, &dispute.job.model([&assignment, &constraints, &reply]));
        assert_eq!(world.refused(&[dispute.show_model(1)]), verdict);
        // What was hidden is taken for a form.
        if !constraints.is_empty() {
            dispute.written(&mut world, &dispute.job.model([&assignment, &[], &reply]));
            assert_eq!(world.refused(&[dispute.show_model(1)]), "FormNotShown");
        }
        // Nobody has to show anything who doubts no choice.
        dispute.written(&mut world, &dispute.job.model([&[], &[], &reply]));
        assert_eq!(world.refused(&[dispute.show_model(1)]), "FormNotShown");
        dispute.written(&mut world, &dispute.job.model([&[], &[], &[]]));
        world.send(&[dispute.show_model(0)]).unwrap();
        world.send(&[dispute.trace()]).unwrap();
        dispute.descend(&mut world, &dispute.job.steps(), 2);
        world.send(&[dispute.step(2)]).unwrap();
        assert_eq!(world.refused(&[dispute.choose(2)]), "FormNotShown");
    }
    // The last token was never run: what chose it is disputed at once.
    let dispute = Dispute::new(Job { constraints: stopped, serial: 4, ..free }, "payer");
    let opening = dispute.open(&world);
    world.send(&opening).unwrap();
    dispute.written(&mut world, &dispute.job.model([&dispute.job.assignment(), &dispute.job.constraints, &ids(&dispute.job.reply)]));
    world.send(&[dispute.show_model(1)]).unwrap();
    world.send(&[dispute.trace()]).unwrap();
    assert_eq!(dispute.phase(&world), CHOICE);
    let data = world.data(&dispute.address);
    let at = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().unwrap());
    assert_eq!((at(460), at(464)), (3, 4), "behind the last step; the reply's last id");
}

#[test]
fn the_model_is_the_receipts_and_nothing_is_shown_that_is_not_asked_for() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job { constraints: vec![0x11; 40], ..Job::new("node", 1) }, "payer");
    let opened = dispute.open(&world);
    world.send(&opened).unwrap();
    let (assignment, reply) = (dispute.job.assignment(), ids(&dispute.job.reply));
    let right = dispute.job.model([&[], &[], &[]]);
    let mut refused = |last: u8, bytes: &[u8]| {
        dispute.written(&mut world, bytes);
        world.refused(&[dispute.show_model(last)])
    };
    assert_eq!(refused(0, &right), "nothing");
    assert_eq!(refused(2, &right), "InvalidArgument");
    assert_eq!(refused(0, &[]), "EvidenceUnfit");
    assert_eq!(refused(0, &right[..right.len() - 1]), "EvidenceUnfit");
    assert_eq!(refused(0, &[&right[..], &[0]].concat()), "EvidenceUnfit");
    let mut other = right.clone();
    other[300] ^= 1;
    assert_eq!(refused(0, &other), "WrongOpening", "another tree's header");
    let shorter = weights()[..300].to_vec();
    assert_eq!(refused(0, &[opening(&header(), &shorter, 0), [0; 6].to_vec()].concat()), "WrongOpening", "another number of leaves");
    for (parts, verdict) in [
        ([&[][..], &[1], &[]], "EvidenceUnfit"),
        ([&[], &[], &reply], "EvidenceUnfit"),
        ([&assignment[1..], &dispute.job.constraints, &[]], "EvidenceUnfit"),
        ([&assignment, &dispute.job.constraints[1..], &[]], "WrongOpening"),
        // Constraints that end within what they should hold.
        ([&assignment, &dispute.job.constraints, &[]], "EvidenceUnfit"),
    ] {
        assert_eq!(refused(0, &dispute.job.model(parts)), verdict);
    }
    let mut forged = assignment.clone();
    forged[0] ^= 1;
    assert_eq!(refused(0, &dispute.job.model([&forged, &dispute.job.constraints, &[]])), "WrongOpening");

    let dispute = Dispute::new(Job::new("node", 2), "payer");
    let opened = dispute.open(&world);
    world.send(&opened).unwrap();
    let assignment = dispute.job.assignment();
    let mut refused = |reply: &[u8]| {
        dispute.written(&mut world, &dispute.job.model([&assignment, &[], reply]));
        world.refused(&[dispute.show_model(1)])
    };
    assert_eq!(refused(&reply), "nothing");
    assert_eq!(refused(&[]), "EvidenceUnfit");
    assert_eq!(refused(&reply[1..]), "EvidenceUnfit");
    assert_eq!(refused(&ids(&[3, 5])), "WrongOpening");
    let mut foreign = dispute.show_model(0);
    foreign.accounts[0].pubkey = who("node");
    assert_eq!(world.refused(&[foreign]), "Unauthorized");
    dispute.written(&mut world, &dispute.job.model([&[], &[], &[]]));
    world.send(&[dispute.show_model(0)]).unwrap();
    assert_eq!(world.refused(&[dispute.show_model(0)]), "WrongPhase");
}

#[test]
fn a_node_that_forgot_the_texts_asks_for_them_once() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::new("node", 1), "payer");
    let opening = dispute.open(&world);
    world.send(&opening).unwrap();
    assert_eq!(world.refused(&[dispute.ask_ids()]), "WrongPhase", "the accuser has to show the model first");
    dispute.written(&mut world, &dispute.job.model([&[], &[], &[]]));
    assert_eq!(world.refused(&[dispute.show_ids()]), "WrongPhase", "nobody has asked");
    world.send(&[dispute.show_model(0)]).unwrap();
    let mut foreign = dispute.ask_ids();
    foreign.accounts[0].pubkey = who("payer");
    assert_eq!(world.refused(&[foreign]), "Unauthorized");
    world.send(&[dispute.ask_ids()]).unwrap();
    assert_eq!(dispute.phase(&world), IDS);
    assert_eq!(world.refused(&[dispute.trace()]), "WrongPhase");
    let right = dispute.job.texts();
    let other = [&SALT[..], &counted_ids(&[1, 3]), &counted_ids(&dispute.job.reply)].concat();
    let salted = [&[1; 32][..], &right[32..]].concat();
    for (bytes, verdict) in [
        (&[][..], "EvidenceUnfit"),
        (&right[..right.len() - 1], "EvidenceUnfit"),
        (&[&right[..], &[0]].concat(), "EvidenceUnfit"),
        (&[&SALT[..], &[0xff; 4]].concat(), "EvidenceUnfit"),
        (&other, "WrongOpening"),
        (&salted, "WrongOpening"),
        (&right, "nothing"),
    ] {
        dispute.written(&mut world, bytes);
        assert_eq!(world.refused(&[dispute.show_ids()]), verdict);
    }
    let mut foreign = dispute.show_ids();
    foreign.accounts[0].pubkey = who("node");
    assert_eq!(world.refused(&[foreign]), "Unauthorized");
    // Who forgot them has to be able to read them.
    for call in [dispute.write(0, &[1]), dispute.close_evidence()] {
        assert_eq!(world.refused(&[dispute.show_ids(), call]), "EvidenceHeld");
    }
    world.send(&[dispute.show_ids()]).unwrap();
    assert_eq!(world.refused(&[dispute.write(0, &[1])]), "EvidenceHeld");
    assert_eq!(world.refused(&[dispute.close_evidence()]), "EvidenceHeld");
    assert_eq!(dispute.phase(&world), TRACE, "where it was");
    assert_eq!(world.refused(&[dispute.ask_ids()]), "WrongState", "once");
    let silent = dispute.end(&world, "attacker", "payer");
    let mut over = world.clone();
    world.send(&[dispute.trace()]).unwrap();
    assert_eq!(dispute.phase(&world), HALVES, "its move again");
    assert_eq!(world.refused(&[dispute.close_evidence()]), "nothing", "it has answered");
    if only_inside("has one dispute go on in two ways") {
        return;
    }
    over.pass(ANSWER);
    over.send(&[silent]).unwrap();
    assert_eq!(over.refused(&[dispute.close_evidence()]), "nothing", "the dispute is over");
}

#[test]
fn a_receipt_that_is_none_or_not_the_nodes_is_not_disputed() {
    let mut world = with_node(TOKEN);
    let right = Dispute::new(Job::new("node", 1), "payer");
    // A receipt with some of its bytes changed, signed as it is then.
    let mut refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut receipt = right.job.receipt();
        change(&mut receipt);
        let hash = sha256(&[b"nyxos:receipt:v1", &receipt]);
        let address = Address::find_program_address(&[b"dispute", right.node.as_ref(), &hash, who("payer").as_ref()], &registry().program).0;
        let mut calls = right.open(&world);
        calls[0] = precompile::verify(&[(&key("receipt key"), &hash)]);
        calls[1].accounts[4].pubkey = address;
        calls[1].data = [&[28][..], &(receipt.len() as u32).to_le_bytes(), &receipt].concat();
        world.refused(&calls)
    };
    assert_eq!(refused(&|_| ()), "nothing");
    let edits: [(usize, &[u8]); 19] = [
        (0, &[2]),
        (33, &[0]),
        (97, &[12]),
        (101, b"N"),
        (112, &[1]),
        (112, &[4]),
        (121, &100_000_001u32.to_le_bytes()),
        (125, &[0; 4]),
        (125, &1_000_001u32.to_le_bytes()),
        (197, &[0; 4]),
        (197, &(1u32 << 31).to_le_bytes()),
        (201, &[0; 4]),
        (201, &(1u32 << 31).to_le_bytes()),
        (237, &(1u64 << 63).to_le_bytes()),
        (245, &[0]),
        (245, &[4]),
        (246, &[0; 32]),
        (342, &i64::MAX.to_le_bytes()),
        (350, &i64::MIN.to_le_bytes()),
    ];
    for (at, bytes) in edits {
        assert_eq!(refused(&|receipt| receipt[at..at + bytes.len()].copy_from_slice(bytes)), "ReceiptUnfit", "{bytes:?} at {at}");
    }
    assert_eq!(refused(&|receipt| receipt.truncate(receipt.len() - 1)), "ReceiptUnfit");
    assert_eq!(refused(&|receipt| receipt.push(0)), "InvalidArgument", "no receipt is as long");
    assert_eq!(refused(&|receipt| receipt[1] ^= 1), "nothing", "another job's");
}

#[test]
fn a_dispute_begins_with_the_receipt_keys_signature_and_a_stake() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::new("node", 1), "payer");
    let calls = dispute.open(&world);
    let hash = dispute.job.receipt_hash();
    let with = |world: &mut World, signatures: &[(&str, &[u8])]| {
        let keys: Vec<_> = signatures.iter().map(|(name, message)| (key(name), *message)).collect();
        let verify = precompile::verify(&keys.iter().map(|(key, message)| (key, *message)).collect::<Vec<_>>());
        world.refused(&[verify, calls[1].clone()])
    };
    assert_eq!(world.refused(&calls[1..]), "PrecompileMissing");
    assert_eq!(with(&mut world, &[("receipt key", &hash)]), "nothing");
    assert_eq!(with(&mut world, &[("node", &hash)]), "WrongSigner");
    assert_eq!(with(&mut world, &[("receipt key", &[1; 32])]), "WrongMessage");
    assert_eq!(with(&mut world, &[]), "SignatureCount");
    // Who pays the rent and who accuses may be two, and both sign.
    for unsigned in [0, 1] {
        let mut apart = calls.clone();
        apart[1].accounts[0].pubkey = who("rent");
        apart[1].accounts[unsigned].is_signer = false;
        assert_eq!(world.refused(&apart), "MissingSigner");
    }
    let poor = Dispute::new(Job::new("node", 1), "poor");
    world.wallet("poor");
    world.tokens(&who("poor"), MIN_BOND - 1);
    let opening = poor.open(&world);
    assert_ne!(world.refused(&opening), "nothing", "the stake is the least bond");
    let pause = world.govern("set_paused", "admin", &[("paused", Arg::U8(1))]);
    world.send(&[pause]).unwrap();
    assert_eq!(world.refused(&calls), "Paused");
    let resume = world.govern("set_paused", "admin", &[("paused", Arg::U8(0))]);
    world.send(&[resume]).unwrap();
    world.send(&calls).unwrap();
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH - MIN_BOND);
    world.pass(1);
    assert_eq!(world.refused(&calls), "AlreadyInitialized");
    let leave = Node.request(dispute.node, "provider");
    world.send(&[leave]).unwrap();
    let other = Dispute::new(Job::new("node", 1), "payer 2").open(&world);
    assert_eq!(world.refused(&other), "nothing", "who leaves answers for what it did");
    if only_inside("two signatures and a receipt are more than a packet holds") {
        return;
    }
    let (receipt_key, other) = (key("receipt key"), Dispute::new(Job::new("node", 2), "payer"));
    let hash = other.job.receipt_hash();
    let twice = precompile::verify(&[(&receipt_key, &hash[..]), (&receipt_key, &hash[..])]);
    assert_eq!(world.refused(&[twice, other.open(&world)[1].clone()]), "SignatureCount");
}

#[test]
fn a_registry_has_disputes_where_its_maker_wanted_them() {
    let world = World::bare(TOKEN);
    let refused = |answer_slots: u64| {
        let mut call = world.initialize_config("admin");
        let at = call.data.len() - 8;
        call.data[at..].copy_from_slice(&answer_slots.to_le_bytes());
        world.clone().refused(&[call])
    };
    for (answer_slots, verdict) in [(0, "nothing"), (9, "InvalidArgument"), (10, "nothing"), (216_000, "nothing"), (216_001, "InvalidArgument")] {
        assert_eq!(refused(answer_slots), verdict, "{answer_slots}");
    }
    let mut world = World::bare(TOKEN);
    let mut call = world.initialize_config("admin");
    let at = call.data.len() - 8;
    call.data[at..].fill(0);
    world.send(&[call]).unwrap();
    let register = world.register_node("node", "provider");
    world.send(&[register]).unwrap();
    let opening = Dispute::new(Job::new("node", 1), "payer").open(&world);
    assert_eq!(world.refused(&opening), "NoDisputes");
    // Receipt keys are then changed as often as anybody likes.
    for name in ["receipt key 2", "receipt key 3", "receipt key 2"] {
        world.send(&[update(name)]).unwrap();
    }
}

/// A change of the receipt key of "node".
fn update(receipt_key: &str) -> Instruction {
    registry().call(
        "update_node",
        &[("operator", who("provider")), ("config", registry_of("admin").config), ("node", Node.account("node"))],
        &[
            ("tiers", Arg::U8(7)),
            ("receipt_key", Arg::Key(who(receipt_key))),
            ("sealing_key", Arg::Key(who("sealing key"))),
            ("payout", Arg::Key(who("provider"))),
        ],
    )
}

#[test]
fn a_receipt_key_counts_for_an_unbonding_time_after_it_was_changed() {
    let mut world = with_node(TOKEN);
    world.send(&[update("receipt key 2")]).unwrap();
    let by = |name: &'static str| Dispute::new(Job { receipt_key: name, ..Job::new("node", 1) }, "payer");
    let opened = |world: &mut World, name: &'static str| {
        let calls = by(name).open(world);
        world.refused(&calls)
    };
    assert_eq!(opened(&mut world, "receipt key"), "nothing");
    assert_eq!(opened(&mut world, "receipt key 2"), "nothing");
    assert_eq!(opened(&mut world, "receipt key 3"), "WrongSigner");
    // A node that could change it again at once would make what it signed before nobody's.
    assert_eq!(world.refused(&[update("receipt key 3")]), "KeyChangedLately");
    assert_eq!(world.refused(&[update("receipt key")]), "KeyChangedLately");
    world.send(&[update("receipt key 2")]).unwrap();
    world.almost(UNBONDING);
    assert_eq!(world.refused(&[update("receipt key 3")]), "KeyChangedLately");
    assert_eq!(opened(&mut world, "receipt key"), "nothing");
    world.pass(1);
    assert_eq!(opened(&mut world, "receipt key"), "WrongSigner");
    world.send(&[update("receipt key 3")]).unwrap();
    assert_eq!(opened(&mut world, "receipt key 2"), "nothing");
    assert_eq!(opened(&mut world, "receipt key"), "WrongSigner");
}

#[test]
fn a_disputed_node_keeps_its_bond_and_its_account() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::new("node", 1), "payer");
    let opening = dispute.open(&world);
    world.send(&opening).unwrap();
    let leave = Node.request(dispute.node, "provider");
    world.send(&[leave]).unwrap();
    world.pass(UNBONDING);
    let withdraw = Node.withdraw(&world, dispute.node, "provider");
    assert_eq!(world.refused(std::slice::from_ref(&withdraw)), "NodeDisputed");
    // The accuser was silent for long.
    let end = dispute.end(&world, "provider", "provider");
    world.send(&[end]).unwrap();
    world.send(&[withdraw]).unwrap();
    assert_eq!(world.amount(&world.token(&who("provider"))), WEALTH + MIN_BOND / 2);
    if only_inside("writes the node's account: no instruction withdraws a bond that is disputed") {
        return;
    }
    world.patch(dispute.node, 392, &[1]);
    assert_eq!(world.refused(&[Node.close(dispute.node, "provider")]), "NodeDisputed");
}

#[test]
fn what_a_quorum_left_of_a_bond_is_still_the_disputes() {
    let mut world = with_node(TOKEN);
    let [first, second] = ["payer", "payer 2"].map(|accuser| Dispute::new(Job::lied("node", 1), accuser));
    for dispute in [&first, &second] {
        let opening = dispute.open(&world);
        world.send(&opening).unwrap();
        dispute.written(&mut world, &dispute.job.model([&[], &[], &[]]));
        world.send(&[dispute.show_model(0)]).unwrap();
    }
    assert_eq!(open_disputes(&world, &first.node), 2);
    let slashing = Node.slashed(&world, first.node, &Slash::of(MIN_BOND - 11));
    world.send(&slashing).unwrap();
    world.pass(UNBONDING);
    assert_eq!(world.refused(&[Node.withdraw(&world, first.node, "provider")]), "NodeDisputed");
    let vault = registry_of("admin").bonds;
    assert_eq!(world.amount(&vault), 11 + 2 * MIN_BOND);
    // The first has what is left, the second its stake.
    let ends = [first.end(&world, "attacker", "payer"), second.end(&world, "attacker", "payer 2")];
    let sent = world.send(&ends[..1]).unwrap();
    assert_eq!(events(&sent).len(), 2);
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH + 5);
    let sent = world.send(&ends[1..]).unwrap();
    assert_eq!(events(&sent).len(), 1, "nothing was taken, and nothing is told of a slash");
    let told = registry().event(&events(&sent)[0]).1;
    assert_eq!(figures(&told, &["outcome", "reward", "burned", "returned"]), [NODE_SILENT as u64, 0, 0, MIN_BOND]);
    assert_eq!(world.amount(&world.token(&who("payer 2"))), WEALTH);
    assert_eq!((world.amount(&vault), bond(&world, &first.node), open_disputes(&world, &first.node)), (0, (4, 0), 0));
}

#[test]
fn nobody_gains_by_accusing_itself() {
    for (lies, ends) in [(true, "proven"), (true, "silent"), (false, "given up")] {
        let mut world = with_node(TOKEN);
        let job = if lies { Job::lied("node", 1) } else { Job::new("node", 1) };
        let dispute = Dispute::new(job, "provider");
        dispute.reach_step(&mut world, 1);
        world.send(&[dispute.choose(1)]).unwrap();
        match ends {
            "proven" => {
                dispute.written(&mut world, &dispute.token_proof());
                let prove = dispute.prove(&world, 0);
                world.send(&[prove]).unwrap();
            }
            _ => {
                world.pass(if ends == "silent" { ANSWER } else { 0 });
                let end = dispute.end(&world, "provider", "provider");
                world.send(&[end]).unwrap();
            }
        }
        let (_, left) = bond(&world, &dispute.node);
        assert_eq!(world.amount(&world.token(&who("provider"))) + left, WEALTH - MIN_BOND / 2, "{ends}");
    }
}

#[test]
fn what_proves_nothing_ends_nothing() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::lied("node", 1), "payer");
    dispute.reach_step(&mut world, 1);
    assert_eq!(world.refused(&[dispute.prove(&world, 0)]), "WrongPhase");
    world.send(&[dispute.choose(1)]).unwrap();
    let proof = dispute.token_proof();
    let mut refused = |bytes: &[u8]| {
        dispute.written(&mut world, bytes);
        world.refused(&[dispute.prove(&world, 0)])
    };
    assert_eq!(refused(&proof), "nothing");
    assert_eq!(refused(&proof[1..]), "EvidenceUnfit");
    assert_eq!(refused(&[&proof[..], &[0]].concat()), "EvidenceUnfit");
    assert_eq!(refused(&[&SALT[..], &counted_ids(&[1, 3])].concat()), "WrongOpening");
    assert_eq!(refused(&[&[1; 32][..], &proof[32..]].concat()), "WrongOpening");
    dispute.written(&mut world, &proof);
    let mut foreign = dispute.prove(&world, 0);
    foreign.accounts[0].pubkey = who("node");
    assert_eq!(world.refused(&[foreign]), "Unauthorized");
    // Another dispute of the same node's.
    let other = Dispute::new(Job::new("node", 2), "payer");
    let opening = other.open(&world);
    world.send(&opening).unwrap();
    let mut swapped = dispute.prove(&world, 0);
    swapped.accounts[3].pubkey = other.address;
    assert_eq!(world.refused(&[swapped]), "WrongAddress", "evidence of another dispute");
    let mut nowhere = dispute.prove(&world, 0);
    nowhere.accounts[5].pubkey = world.token(&who("payer 2"));
    assert_eq!(world.refused(&[nowhere]), "WrongTokenAccount");
    let register = world.register_node("node 2", "provider 2");
    world.send(&[register]).unwrap();
    let mut innocent = dispute.prove(&world, 0);
    innocent.accounts[2].pubkey = Node.account("node 2");
    assert_eq!(world.refused(&[innocent]), "WrongAddress");
}

#[test]
fn a_node_that_used_two_salts_hides_nothing() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job { salt: [0x77; 32], ..Job::new("node", 1) }, "payer");
    dispute.reach_step(&mut world, 1);
    world.send(&[dispute.choose(1)]).unwrap();
    dispute.written(&mut world, &dispute.token_proof());
    let prove = dispute.prove(&world, 0);
    world.send(&[prove]).unwrap();
    assert_eq!(bond(&world, &dispute.node), (4, 0));
}

#[test]
fn a_token_of_the_reply_is_held_to_the_reply() {
    let mut world = with_node(TOKEN);
    let mut job = Job::new("node", 1);
    job.ran[2] = 7;
    let dispute = Dispute::new(job, "payer");
    dispute.reach_step(&mut world, 2);
    world.send(&[dispute.choose(1)]).unwrap();
    dispute.written(&mut world, &dispute.token_proof());
    assert_eq!(world.refused(&[dispute.prove(&world, 0)]), "EvidenceUnfit", "a reply has no salt");
    dispute.written(&mut world, &counted_ids(&dispute.job.reply));
    let prove = dispute.prove(&world, 0);
    world.send(&[prove]).unwrap();
    assert_eq!(bond(&world, &dispute.node), (4, 0));
}

#[test]
fn evidence_is_its_accusers_to_write_and_grows_with_what_is_written() {
    let mut world = with_node(TOKEN);
    let dispute = Dispute::new(Job::new("node", 1), "payer");
    let opening = dispute.open(&world);
    // The rent of the most evidence is more than a wallet of the tests begins with.
    world.gift("payer", 2_000_000_000);
    let lamports = world.balance(&who("payer"));
    world.send(&opening).unwrap();
    let by = |mut call: Instruction, name: &str| {
        call.accounts[0].pubkey = who(name);
        call
    };
    assert_eq!(world.refused(&[by(dispute.open_evidence(), "node")]), "Unauthorized");
    world.send(&[dispute.open_evidence()]).unwrap();
    world.pass(1);
    assert_eq!(world.refused(&[dispute.open_evidence()]), "AlreadyInitialized");
    assert_eq!(world.refused(&[by(dispute.write(0, &[1]), "node")]), "Unauthorized");
    assert_eq!(world.refused(&[by(dispute.close_evidence(), "node")]), "Unauthorized");
    let bytes = |world: &World| world.data(&dispute.evidence)[72..].to_vec();
    let counted = |bytes: &[u8]| [&(bytes.len() as u32).to_le_bytes()[..], bytes].concat();
    assert_eq!(bytes(&world), counted(&[]));
    for (offset, piece, all) in
        [(0, &b"abc"[..], &b"abc"[..]), (5, b"de", b"abc\0\0de"), (1, b"XY", b"aXY\0\0de"), (6, b"ff", b"aXY\0\0dff"), (0, b"", b"aXY\0\0dff")]
    {
        world.send(&[dispute.write(offset, piece)]).unwrap();
        assert_eq!(bytes(&world), counted(all));
    }
    // As much as the runtime lets an account grow in one instruction, and then as much as there may be.
    let most = 8 + 10_240;
    assert_eq!(world.refused(&[dispute.write(most, &[1])]), "InvalidArgument");
    world.send(&[dispute.write(most - 1, &[1])]).unwrap();
    let end = 262_144;
    let mut offset = most;
    while offset < end {
        offset = end.min(offset + 10_240);
        world.send(&[dispute.write(offset - 1, &[2])]).unwrap();
    }
    assert_eq!(world.refused(&[dispute.write(end, &[1])]), "InvalidArgument");
    assert_eq!(world.refused(&[dispute.write(u32::MAX, &[1])]), "InvalidArgument");
    assert_eq!(bytes(&world).len(), 4 + end as usize);
    // The dispute ends, and the evidence is closed all the same.
    let end = dispute.end(&world, "payer", "provider");
    world.send(&[end]).unwrap();
    world.send(&[dispute.write(0, b"z")]).unwrap();
    world.send(&[dispute.close_evidence()]).unwrap();
    assert!(world.account(&dispute.evidence).is_none());
    assert_eq!(world.balance(&who("payer")), lamports, "all that it cost is back");
    assert_eq!(world.refused(&[dispute.write(0, &[1])]), "WrongOwner");
}

#[test]
fn times_and_counts_beyond_counting_are_refused() {
    if only_inside("writes accounts: no instruction makes such times and counts") {
        return;
    }
    let mut world = with_node(TOKEN);
    let [dispute, other] = [1, 2].map(|serial| Dispute::new(Job::new("node", serial), "payer"));
    let (config, opening) = (registry_of("admin").config, other.open(&world));
    dispute.begin(&mut world);
    let (halves, _) = dispute.halves(&dispute.job.steps(), 0);
    let beyond = |world: &World| {
        let mut world = world.clone();
        world.patch(config, 416, &[0xff; 8]);
        world
    };
    assert_eq!(beyond(&world).refused(&opening), "ArithmeticOverflow");
    assert_eq!(beyond(&world).refused(&[halves.clone()]), "ArithmeticOverflow");
    assert_eq!(beyond(&world).refused(&[dispute.ask_ids()]), "ArithmeticOverflow");
    world.send(&[halves]).unwrap();
    assert_eq!(beyond(&world).refused(&[dispute.choose(0)]), "ArithmeticOverflow");
    world.send(&opening).unwrap();
    other.written(&mut world, &other.job.model([&[], &[], &[]]));
    assert_eq!(beyond(&world).refused(&[other.show_model(0)]), "ArithmeticOverflow");
    world.send(&[other.show_model(0)]).unwrap();
    world.send(&[other.ask_ids()]).unwrap();
    other.written(&mut world, &other.job.texts());
    assert_eq!(beyond(&world).refused(&[other.show_ids()]), "ArithmeticOverflow");
    world.patch(other.node, 392, &[0xff; 4]);
    let third = Dispute::new(Job::new("node", 3), "payer").open(&world);
    assert_eq!(world.refused(&third), "ArithmeticOverflow");
    world.patch(other.node, 392, &[0; 4]);
    assert_eq!(world.refused(&[other.end(&world, "payer", "provider")]), "ArithmeticOverflow");
    let last = world.data(&config)[112..120].to_vec();
    world.patch(config, 112, &[0xff; 8]);
    assert_eq!(world.refused(&[update("receipt key 2")]), "ArithmeticOverflow");
    world.patch(config, 112, &last);
}

/// A dispute of a chunk of a vector, which the node has opened: of block 0 of step 1.
fn reach_block(world: &mut World, job: Job, vector: u8) -> Dispute {
    let dispute = Dispute::new(job, "payer");
    dispute.reach_step(world, 1);
    world.send(&[dispute.choose(0)]).unwrap();
    dispute.descend(world, &dispute.job.blocks(1), 0);
    world.send(&[dispute.block(1, 0)]).unwrap();
    world.send(&[dispute.choose(vector)]).unwrap();
    world.send(&[dispute.answer(dispute.job.of_block[vector as usize][0].clone())]).unwrap();
    assert_eq!(dispute.phase(world), PROOF);
    dispute
}

#[test]
fn a_number_of_a_block_that_does_not_follow_from_others_costs_the_bond() {
    // All gates, and so all hidden values, are zero; or they are not, and the hidden values are zero all the same. Or there are too few.
    for (gate, hidden, verdict) in [(0i32, 34, "NothingWrong"), (1 << 15, 34, "nothing"), (0, 33, "nothing")] {
        let mut world = with_node(TOKEN);
        let mut job = Job::new("node", 1);
        let same = |value: i32| vec![value.to_le_bytes().repeat(32)];
        (job.of_block[14], job.of_block[15], job.of_block[16]) = (same(gate), same(1 << 16), vec![vec![0; hidden]]);
        let dispute = reach_block(&mut world, job, 16);
        let alone = |vector: usize| [&counted(&dispute.job.of_block[vector][0])[..], &[0]].concat();
        let proof = [alone(14), alone(15)].concat();
        if hidden == 34 {
            dispute.written(&mut world, &[alone(15), alone(14)].concat());
            assert_eq!(world.refused(&[dispute.prove(&world, 0)]), "WrongOpening");
            dispute.written(&mut world, &proof[1..]);
            assert_eq!(world.refused(&[dispute.prove(&world, 0)]), "EvidenceUnfit");
        }
        dispute.written(&mut world, &proof);
        let prove = dispute.prove(&world, 0);
        assert_eq!(world.refused(std::slice::from_ref(&prove)), verdict, "gates {gate}, {hidden} bytes");
        if verdict == "nothing" {
            world.send(&[prove]).unwrap();
            assert_eq!(bond(&world, &dispute.node), (4, 0));
        }
    }
}

#[test]
fn a_choice_that_keeps_nobody_costs_the_bond() {
    let mut world = with_node(TOKEN);
    let mut job = Job::new("node", 1);
    // kept, target, at.
    job.of_choice[4] = vec![vec![0; 16]];
    let dispute = Dispute::new(job, "payer");
    dispute.reach_step(&mut world, 2);
    world.send(&[dispute.choose(2)]).unwrap();
    world.send(&[dispute.choice()]).unwrap();
    world.send(&[dispute.choose(4)]).unwrap();
    world.send(&[dispute.answer(dispute.job.of_choice[4][0].clone())]).unwrap();
    dispute.written(&mut world, &[]);
    assert_eq!(world.refused(&[dispute.prove(&world, 4)]), "EvidenceUnfit", "there is no such element");
    let prove = dispute.prove(&world, 0);
    world.send(&[prove]).unwrap();
    assert_eq!(bond(&world, &dispute.node), (4, 0));
}
