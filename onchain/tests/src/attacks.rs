//! Every account of every instruction replaced, doubled, stripped of its flags; every call cut and padded. An attack must be refused or
//! change nothing; what is allowed is listed with its reason. `refusals.txt` keeps who refuses what, so that a guard that disappears or
//! changes its error shows in review.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    env, fs,
    rc::Rc,
};

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    bytes::{SYSTEM, TOKEN, TOKEN_2022, associated},
    chain::{Would, only_inside, outside},
    idl::{Idl, file},
    story::{MODEL, Step, tell, tell_to},
    world::*,
};

/// Replacements that may succeed: instruction, account, and why.
pub const ALLOWED: &[(&str, &str, &str)] = &[
    ("*", "rent_payer", "whoever signs for it may pay the rent; where it signs nothing, it is paid and must be the right one"),
    ("initialize_config", "bond_mint", "the creator's choice among mints that are not refused"),
    ("initialize_market", "bond_mint", "the creator's choice among mints that are not refused"),
    ("register_model", "publisher", "whom the registry's authority names by signing along"),
    ("end_dispute", "ender", "who was silent has lost on anybody's word"),
    ("deposit", "escrow", "anyone may add to anyone's escrow"),
    ("refresh_operator", "escrow entry", "any escrow of the market may be given the market's operator"),
    ("collect", "escrow entry", "anyone may have any escrow's settled amounts moved; an escrow may be left out"),
];

/// The attacker's own registry, market, pool and escrow, and another mint; once, where worlds are not copied.
fn settle_in(world: &mut World, other_mint: &Pool) -> Address {
    if let Some(escrow_key) = world.remembered("attacker's escrow") {
        return escrow_key;
    }
    world.found("attacker");
    let proposal = world.propose_verifiers("attacker", 1, &["attacker"]);
    world.send(&[proposal]).unwrap();
    let model = world.register_model("attacker", "attacker", MODEL, (1, &[]));
    world.send(&[model]).unwrap();
    let validator = world.register_validator("attacker", "attacker", "attacker");
    world.send(&[validator]).unwrap();
    let (escrow_key, open) = world.open_escrow("attacker", "attacker", 10, (0, 0));
    world.send(&[open]).unwrap();
    let prepaid = world.pool("attacker").prepaid("attacker", world.slot());
    world.put_inbox(&prepaid, 10);
    let open = world.open_prepaid(&prepaid);
    world.send(&[open]).unwrap();
    world.remember("attacker's prepaid escrow", prepaid.escrow);
    world.mint(other_mint.mint, &[]);
    world.put_tokens(other_mint.vault, &other_mint.mint, &other_mint.pool, 0);
    let mine = std::mem::replace(&mut world.mint, other_mint.mint);
    world.tokens(&who("attacker"), 10);
    world.mint = mine;
    world.remember("attacker's escrow", escrow_key);
    escrow_key
}

/// Things an attacker could put in an account's place: everything of a second registry, market and pool, and of other people.
fn bystanders(world: &mut World) -> Vec<Address> {
    let other_mint = Pool::of(market_of("admin"), who("mint 2"), &world.token_program);
    let foreign = world.pool("attacker");
    let foreign_escrow = settle_in(world, &other_mint);
    if world.account(&market_of("admin")).is_some() && world.account(&other_mint.pool).is_none() {
        let call = world.initialize_pool("admin", other_mint.mint);
        world.send(&[call]).unwrap();
    }
    let token_of_other_mint = associated(&who("attacker"), &other_mint.mint, &world.token_program);
    let at = registry_of("attacker");
    let of_wallets = ["attacker", "payer", "payer 2", "provider"].map(|name| world.token(&who(name)));
    let mut all = vec![
        who("attacker"),
        who("payer 2"),
        who("nobody"),
        who("node 2"),
        at.config,
        at.bonds,
        at.proposal(),
        at.model(&MODEL),
        at.validator(&who("attacker")),
        registry_of("admin").node(&who("node 2")),
        registry_of("admin").validator(&who("validator 2")),
        foreign.market,
        foreign.pool,
        foreign.vault,
        foreign.deposits,
        foreign_escrow,
        other_mint.mint,
        other_mint.pool,
        other_mint.vault,
        other_mint.deposits,
        token_of_other_mint,
        world.pool("admin").batch(1),
        world.pool("admin").claim(&who("treasury"), 4),
        world.remembered("escrow of payer 2").unwrap_or(who("nobody")),
        world.remembered("dispute of payer 2").unwrap_or(who("nobody")),
        world.remembered("evidence of payer 2").unwrap_or(who("nobody")),
        SYSTEM,
        TOKEN,
        TOKEN_2022,
        registry().program,
        escrow().program,
        registry().event_authority(),
    ];
    all.extend(of_wallets);
    for prepaid in ["attacker's prepaid escrow", "prepaid escrow of payer 2"].into_iter().filter_map(|name| world.remembered(name)) {
        all.extend([prepaid, world.token(&prepaid)]);
    }
    all
}

/// Whether a transaction that passed changed anything but the fee payer's lamports.
fn changed(world: &mut World, instructions: &[Instruction]) -> Result<bool, String> {
    // Most attacks are refused, and a cluster answers that alone faster.
    if outside() {
        match world.refused(instructions) {
            verdict if verdict == "nothing" => {}
            verdict => return Err(verdict),
        }
    }
    let Would { after, .. } = world.would(instructions)?;
    Ok(after.iter().any(|(address, account)| {
        let before = world.account(address).unwrap_or_default();
        let lamports = *address != who("fees") && before.lamports != account.lamports;
        lamports || before.data != account.data || (before.owner != account.owner && account.lamports > 0)
    }))
}

struct Assault {
    /// Refusals by instruction and what was attacked.
    refusals: BTreeMap<(String, String), BTreeSet<String>>,
    breaches: Vec<String>,
    tried: usize,
    /// When the attacks on the present step began. None takes longer than a window: a later step's time may be running.
    began: u64,
    /// Attacks on the present step for which its time was too short.
    left_out: usize,
}

/// Slots that a step keeps for itself, of the time it has on a cluster.
const RESERVE: u64 = 40;

impl Assault {
    /// Whether the step's time, which passes by itself on a cluster, does not last for another attack.
    fn is_late(&mut self, world: &World, step: &Step) -> bool {
        let look = outside() && (self.left_out > 0 || self.tried.is_multiple_of(8));
        let late = self.left_out > 0 || look && world.slot() + RESERVE >= step.until.unwrap_or(self.began + WINDOW);
        self.left_out += late as usize;
        late
    }

    fn attempt(&mut self, world: &mut World, instructions: &[Instruction], step: &Step, attacked: &str, detail: &str) {
        if !self.is_late(world, step) {
            self.judge(world, instructions, step, attacked, detail);
        }
    }

    fn judge(&mut self, world: &mut World, instructions: &[Instruction], step: &Step, attacked: &str, detail: &str) {
        self.tried += 1;
        let verdict = match changed(world, instructions) {
            Err(reason) => reason,
            Ok(false) => "no effect".to_owned(),
            Ok(true) => {
                self.breaches.push(format!("{}: {attacked} {detail}", step.name));
                "SUCCEEDS".to_owned()
            }
        };
        self.refusals.entry((step.name.clone(), attacked.to_owned())).or_default().insert(verdict);
    }

    fn accounts(&mut self, world: &mut World, step: &Step, names: &[String], bystanders: &[Address]) {
        let original = step.call();
        for (index, meta) in original.accounts.iter().enumerate() {
            let name = names.get(index).cloned().unwrap_or_else(|| if step.instruction() == "exit" { "inbox" } else { "escrow entry" }.to_owned());
            let mut with = |attacked: &str, detail: &str, change: &dyn Fn(&mut Instruction)| {
                let mut instructions = step.instructions.clone();
                change(instructions.last_mut().unwrap());
                self.attempt(world, &instructions, step, &format!("{name} {attacked}"), detail);
            };
            let allowed = ALLOWED
                .iter()
                .any(|(instruction, account, _)| ((*instruction == "*" && meta.is_signer) || *instruction == step.instruction()) && *account == name);
            if meta.is_signer {
                with("unsigned", "", &|call| call.accounts[index].is_signer = false);
            }
            // The precompile's instruction has no accounts, so that a flag dropped here is dropped in the transaction.
            if meta.is_writable && (name != "escrow entry" || !allowed) {
                with("read-only", "", &|call| call.accounts[index].is_writable = false);
            }
            let others = original.accounts.iter().map(|other| other.pubkey).chain(bystanders.iter().copied());
            for other in others.filter(|other| *other != meta.pubkey).collect::<BTreeSet<_>>() {
                if allowed || (meta.is_signer && !step.before.can_sign(&other)) {
                    continue;
                }
                with("replaced", &format!("by {other}"), &|call| call.accounts[index].pubkey = other);
            }
        }
    }

    fn shape(&mut self, world: &mut World, step: &Step) {
        let mut with = |attacked: &str, change: &dyn Fn(&mut Instruction)| {
            let mut instructions = step.instructions.clone();
            change(instructions.last_mut().unwrap());
            self.attempt(world, &instructions, step, attacked, "");
        };
        with("data padded", &|call| call.data.push(0));
        with("data of another instruction", &|call| call.data[0] = 200);
        with("data empty", &|call| call.data.clear());
        if step.call().data.len() > 1 {
            with("data cut", &|call| call.data.truncate(call.data.len() - 1));
            with("data without arguments", &|call| call.data.truncate(1));
        }
        with("accounts one more", &|call| call.accounts.push(solana_instruction::AccountMeta::new(who("nobody"), false)));
        with("accounts one less", &|call| drop(call.accounts.pop()));
        with("accounts none", &|call| call.accounts.clear());
    }

    /// The same bytes once more, after the step: whoever saw a transaction can send its instructions again.
    fn again(&mut self, world: &mut World, step: &Step) {
        self.judge(world, &step.instructions, step, "sent again", "");
    }
}

/// Changed calls that may have an effect: instruction, change, and why.
const HARMLESS: &[(&str, &str, &str)] = &[
    ("deposit", "sent again", "a new wish of its signer"),
    ("settle_direct", "rent_payer unsigned", "the node pays its own rent and signs in the other place; either one missing is refused in `direct`"),
    ("settle_direct", "node_key unsigned", "as above"),
    (
        "open_dispute",
        "rent_payer unsigned",
        "the accuser pays the rent here, for a packet's sake, and signs in the other place; either one missing is refused in `disputes`",
    ),
    ("open_dispute", "accuser unsigned", "as above"),
    ("return_direct", "payer_token read-only", "written only when the escrow is gone"),
    ("return_direct", "deposit_vault read-only", "as above"),
    ("add_bond", "sent again", "a new wish of its signer"),
    ("add_validator_bond", "sent again", "a new wish of its signer"),
    ("bond_poster", "sent again", "a new wish of its signer"),
    ("bond_poster with more", "sent again", "a new wish of its signer"),
    ("refresh_operator", "accounts one more", "any list of escrows may be refreshed"),
    ("collect", "accounts one more", "any list of escrows may be collected"),
    ("collect", "accounts one less", "any list of escrows may be collected"),
];

fn names(step: &Step) -> Vec<String> {
    let idl: &Idl = if step.call().program_id == registry().program { registry() } else { escrow() };
    idl.account_names(step.instruction())
}

fn assault(token_program: Address) -> Assault {
    let assault = Rc::new(RefCell::new(Assault { refusals: BTreeMap::new(), breaches: vec![], tried: 0, began: 0, left_out: 0 }));
    let attacker = assault.clone();
    let listener = move |before: bool, world: &mut World, step: &Step| {
        let mut assault = attacker.borrow_mut();
        // Of several vouchers the good ones are settled whatever the others are; here a call has one.
        if step.name == "settle_vouchers (2)" {
            return;
        }
        if before {
            // A cluster has no copies: there the attacker settles in once, and what it has is remembered.
            let mut copy = world.clone();
            let bystanders = bystanders(&mut copy);
            if outside() {
                world.clone_from(&copy);
            }
            assert!(changed(&mut copy, &step.instructions).unwrap(), "{} has an effect to begin with", step.name);
            assault.began = world.slot();
            assault.accounts(&mut copy, step, &names(step), &bystanders);
            assault.shape(&mut copy, step);
            match std::mem::take(&mut assault.left_out) {
                0 => {}
                count => drop(only_inside(&format!("{count} attacks on {} were left out, for its time came to an end", step.name))),
            }
        } else {
            assault.again(world, step);
        }
    };
    drop(tell_to(token_program, Some(Box::new(listener))));
    let mut assault = Rc::into_inner(assault).unwrap().into_inner();
    assault.breaches.retain(|breach| !HARMLESS.iter().any(|(name, change, _)| *breach == format!("{name}: {change} ")));
    assault
}

#[test]
fn the_story_calls_every_instruction_of_both_programs() {
    if only_inside("the story is told to its end inside only") {
        return;
    }
    let told: BTreeSet<String> = tell(TOKEN).steps.iter().map(|step| step.instruction().to_owned()).collect();
    let all: BTreeSet<String> = registry().instruction_names().into_iter().chain(escrow().instruction_names()).collect();
    assert_eq!(told, all);
}

#[test]
fn no_account_can_be_replaced_and_no_call_changed() {
    let assault = assault(TOKEN);
    assert_eq!(assault.breaches, Vec::<String>::new());
    assert!(assault.tried > 5_000, "only {} attacks", assault.tried);
    if only_inside("refusals.txt is written and compared inside; outside an attack must be refused or have no effect") {
        return;
    }
    let mut text = String::from("# What refuses an attack on each account and call (src/attacks.rs). Written by NYXOS_WRITE=1 onchain/test.\n");
    for ((step, attacked), verdicts) in &assault.refusals {
        text += &format!("{step} | {attacked} | {}\n", verdicts.iter().cloned().collect::<Vec<_>>().join(", "));
    }
    let path = file("tests/refusals.txt");
    if env::var_os("NYXOS_WRITE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "tests/refusals.txt says otherwise; if that is meant, NYXOS_WRITE=1 onchain/test writes it");
}

#[test]
fn the_same_holds_for_token_2022() {
    assert_eq!(assault(TOKEN_2022).breaches, Vec::<String>::new());
}
