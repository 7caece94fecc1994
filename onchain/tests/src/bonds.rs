//! Bonds of nodes and validators: one state machine, so one set of calls and of tests for both.

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    bytes::{SYSTEM, TOKEN, TOKEN_2022, associated, sha256},
    chain::only_inside,
    idl::Arg,
    world::*,
};

/// Who has a bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bonded {
    Node,
    Validator,
}

use Bonded::{Node, Validator};

pub const KINDS: [Bonded; 2] = [Node, Validator];

/// What a slash takes and who gets of it; nobody, where it is not said.
#[derive(Clone, Copy)]
pub struct Slash {
    pub amount: u64,
    pub reward: (u64, Address),
    pub refund: (u64, Address),
}

impl Slash {
    pub fn of(amount: u64) -> Self {
        Self { amount, reward: (0, registry().program), refund: (0, registry().program) }
    }

    /// With a share for who brought the evidence.
    pub fn rewarding(self, share: u64, token: Address) -> Self {
        Self { reward: (share, token), ..self }
    }

    /// With a share for who was wronged.
    pub fn refunding(self, share: u64, token: Address) -> Self {
        Self { refund: (share, token), ..self }
    }

    /// The slash digests of protocol §4.5 and §4.14.
    pub fn digest(&self, kind: Bonded, account: &Address) -> [u8; 32] {
        let domain: &[u8] = if kind == Node { b"nyxos:slash:v1" } else { b"nyxos:slash-validator:v1" };
        sha256(&[
            domain,
            registry().program.as_ref(),
            account.as_ref(),
            &self.amount.to_le_bytes(),
            &self.reward.0.to_le_bytes(),
            &self.refund.0.to_le_bytes(),
            self.reward.1.as_ref(),
            self.refund.1.as_ref(),
            &[0xed; 32],
        ])
    }
}

impl Bonded {
    /// The account's name in the IDL.
    fn name(self) -> &'static str {
        if self == Node { "node" } else { "validator" }
    }

    pub fn least(self) -> u64 {
        if self == Node { MIN_BOND } else { MIN_VALIDATOR_BOND }
    }

    /// The account of a key in the registry of "admin".
    pub fn account(self, key: &str) -> Address {
        let at = registry_of("admin");
        if self == Node { at.node(&who(key)) } else { at.validator(&who(key)) }
    }

    /// Where the account keeps the slot from which its bond can be withdrawn.
    pub fn unbond_slot_at(self) -> usize {
        if self == Node { 208 } else { 144 }
    }

    fn call(self, names: [&str; 2], accounts: &[(&str, Address)], args: &[(&str, Arg)]) -> Instruction {
        registry().call(names[self as usize], &[&[("config", registry_of("admin").config)], accounts].concat(), args)
    }

    /// With the least bond.
    pub fn register(self, world: &World, key: &str, operator: &str) -> Instruction {
        if self == Node { world.register_node(key, operator) } else { world.register_validator("admin", key, operator) }
    }

    pub fn add(self, world: &World, account: Address, operator: &str, amount: u64) -> Instruction {
        let accounts = [&[(self.name(), account), ("operator", who(operator))], &world.purse(operator)[..]].concat();
        self.call(["add_bond", "add_validator_bond"], &accounts, &[("amount", Arg::U64(amount))])
    }

    pub fn request(self, account: Address, operator: &str) -> Instruction {
        self.call(["request_unbond", "request_validator_unbond"], &[(self.name(), account), ("operator", who(operator))], &[])
    }

    pub fn withdraw(self, world: &World, account: Address, operator: &str) -> Instruction {
        let accounts = [&[(self.name(), account), ("operator", who(operator))], &world.purse(operator)[..]].concat();
        self.call(["withdraw_bond", "withdraw_validator_bond"], &accounts, &[])
    }

    pub fn close(self, account: Address, operator: &str) -> Instruction {
        let accounts = [(self.name(), account), ("operator", who(operator)), ("rent_payer", who("rent"))];
        self.call(["close_node", "close_validator"], &accounts, &[])
    }

    /// A slash without the quorum's signatures.
    pub fn slash(self, world: &World, account: Address, slash: &Slash) -> Instruction {
        let accounts = [
            &[(self.name(), account), ("reward_token", slash.reward.1), ("refund_token", slash.refund.1)],
            // All of a purse but the operator's account.
            &world.purse("admin")[1..],
        ]
        .concat();
        let args = [
            ("amount", Arg::U64(slash.amount)),
            ("reward", Arg::U64(slash.reward.0)),
            ("refund", Arg::U64(slash.refund.0)),
            ("evidence_hash", Arg::Bytes(vec![0xed; 32])),
        ];
        self.call(["slash_node", "slash_validator"], &accounts, &args)
    }

    /// A slash that the quorum has signed.
    pub fn slashed(self, world: &World, account: Address, slash: &Slash) -> Vec<Instruction> {
        vec![quorum(&slash.digest(self, &account)), self.slash(world, account, slash)]
    }
}

impl World {
    /// The token accounts that a bond of an operator moves between, and what moving takes.
    fn purse(&self, operator: &str) -> [(&'static str, Address); 4] {
        let vault = registry_of("admin").bonds;
        [("operator_token", self.token(&who(operator))), ("bond_mint", self.mint), ("bond_vault", vault), ("token_program", self.token_program)]
    }

    /// With the least bond, paid to its operator, in the registry of `creator`.
    pub fn register_validator(&self, creator: &str, key: &str, operator: &str) -> Instruction {
        let at = registry_of(creator);
        registry().call(
            "register_validator",
            &[
                ("rent_payer", who("rent")),
                ("operator", who(operator)),
                ("validator_key", who(key)),
                ("config", at.config),
                ("validator", at.validator(&who(key))),
                ("operator_token", self.token(&who(operator))),
                ("bond_mint", self.mint),
                ("bond_vault", at.bonds),
                ("token_program", self.token_program),
            ],
            &[("payout", Arg::Key(who(operator))), ("bond", Arg::U64(MIN_VALIDATOR_BOND))],
        )
    }

    pub fn update_validator(&self, key: &str, operator: &str, payout: Address) -> Instruction {
        let at = registry_of("admin");
        let accounts = [("operator", who(operator)), ("config", at.config), ("validator", at.validator(&who(key)))];
        registry().call("update_validator", &accounts, &[("payout", Arg::Key(payout))])
    }

    /// Units of the mint that there are.
    pub fn supply(&self) -> u64 {
        u64::from_le_bytes(self.data(&self.mint)[36..44].try_into().unwrap())
    }
}

/// A world with one registered account of a kind, of the key "node" and the operator "provider".
fn with_bond(kind: Bonded, token_program: Address) -> (World, Address) {
    let mut world = World::ready(token_program);
    let register = kind.register(&world, "node", "provider");
    world.send(&[register]).unwrap();
    (world, kind.account("node"))
}

fn send(world: &mut World, calls: &[Instruction]) {
    world.send(calls).unwrap();
}

#[test]
fn a_bond_has_one_life_whoever_it_stands_for() {
    for kind in KINDS {
        let mut world = World::ready(TOKEN);
        let account = kind.account("node");
        let register = kind.register(&world, "node", "provider");
        let mut small = register.clone();
        // The bond stands at the end.
        let at = small.data.len() - 8;
        small.data[at..].copy_from_slice(&(kind.least() - 1).to_le_bytes());
        assert_eq!(world.refused(&[small]), "BondTooSmall");
        send(&mut world, std::slice::from_ref(&register));
        assert_eq!(world.refused(std::slice::from_ref(&register)), "AlreadyInitialized");

        assert_eq!(world.refused(&[kind.add(&world, account, "provider", 0)]), "ZeroAmount");
        assert_eq!(world.refused(&[kind.add(&world, account, "provider 2", 5)]), "Unauthorized");
        let add = kind.add(&world, account, "provider", 5);
        send(&mut world, std::slice::from_ref(&add));
        assert_eq!(world.amount(&registry_of("admin").bonds), kind.least() + 5);

        let (request, withdraw, close) = (kind.request(account, "provider"), kind.withdraw(&world, account, "provider"), kind.close(account, "provider"));
        assert_eq!(world.refused(std::slice::from_ref(&withdraw)), "WrongState", "active");
        assert_eq!(world.refused(std::slice::from_ref(&close)), "WrongState", "active");
        assert_eq!(world.refused(&[kind.request(account, "provider 2")]), "Unauthorized");
        send(&mut world, std::slice::from_ref(&request));
        world.pass(1);
        assert_eq!(world.refused(&[add]), "WrongState", "leaving");
        assert_eq!(world.refused(&[request]), "WrongState", "the time does not begin again");
        let until = u64::from_le_bytes(world.data(&account)[kind.unbond_slot_at()..][..8].try_into().unwrap());
        world.almost_until(until);
        assert_eq!(world.refused(std::slice::from_ref(&withdraw)), "TooEarly");
        world.pass(1);
        assert_eq!(world.refused(std::slice::from_ref(&close)), "WrongState", "has its bond");
        assert_eq!(world.refused(&[kind.withdraw(&world, account, "provider 2")]), "Unauthorized");
        send(&mut world, std::slice::from_ref(&withdraw));
        assert_eq!((world.amount(&world.token(&who("provider"))), world.amount(&registry_of("admin").bonds)), (WEALTH, 0));
        assert_eq!(world.refused(&[withdraw]), "WrongState", "once");

        assert_eq!(world.refused(&[kind.close(account, "provider 2")]), "Unauthorized");
        let (rent, held) = (world.balance(&who("rent")), world.balance(&account));
        send(&mut world, std::slice::from_ref(&close));
        assert_eq!(world.balance(&who("rent")), rent + held);
        assert_eq!(world.refused(&[close]), "WrongOwner");
        assert_eq!(world.refused(&[register]), "nothing", "the key is free");
    }
}

#[test]
fn a_slash_pays_who_brought_it_and_who_was_wronged_and_burns_the_rest() {
    for (kind, token_program) in [(Node, TOKEN), (Node, TOKEN_2022), (Validator, TOKEN), (Validator, TOKEN_2022)] {
        let (mut world, account) = with_bond(kind, token_program);
        let (hunter, payer) = (world.token(&who("attacker")), world.token(&who("payer")));
        let slash = Slash::of(600).rewarding(150, hunter).refunding(250, payer);
        let slashing = kind.slashed(&world, account, &slash);
        let supply = world.supply();
        let sent = world.send(&slashing).unwrap();
        assert_eq!([world.amount(&hunter), world.amount(&payer)], [WEALTH + 150, WEALTH + 250]);
        assert_eq!((world.supply(), world.amount(&registry_of("admin").bonds)), (supply - 200, kind.least() - 600));
        let told = registry().event(&events(&sent)[0]).1;
        let figures = ["amount", "reward", "refund", "burned", "bond"].map(|name| told[name].as_str().unwrap().to_owned());
        assert_eq!(figures, [600, 150, 250, 200, kind.least() - 600].map(|figure| figure.to_string()));
        // For good: not again, not closed, not registered anew; what is left goes back after its time.
        let withdraw = kind.withdraw(&world, account, "provider");
        assert_eq!(world.refused(&slashing), "WrongState");
        assert_eq!(world.refused(std::slice::from_ref(&withdraw)), "TooEarly");
        world.pass(UNBONDING);
        send(&mut world, std::slice::from_ref(&withdraw));
        assert_eq!(world.amount(&world.token(&who("provider"))), WEALTH - 600);
        assert_eq!(world.refused(&[withdraw]), "ZeroAmount");
        assert_eq!(world.refused(&[kind.close(account, "provider")]), "WrongState");
        assert_eq!(world.refused(&[kind.register(&world, "node", "provider")]), "AlreadyInitialized");
    }
}

#[test]
fn a_slash_takes_no_more_than_the_bond_and_gives_no_more_than_it_takes() {
    for kind in KINDS {
        let (mut world, account) = with_bond(kind, TOKEN);
        let (hunter, payer) = (world.token(&who("attacker")), world.token(&who("payer")));
        let mut verdict = |slash: Slash| {
            let calls = kind.slashed(&world, account, &slash);
            world.refused(&calls)
        };
        assert_eq!(verdict(Slash::of(0)), "ZeroAmount");
        assert_eq!(verdict(Slash::of(kind.least() + 1)), "BondExceeded");
        assert_eq!(verdict(Slash::of(kind.least())), "nothing");
        assert_eq!(verdict(Slash::of(100).rewarding(60, hunter).refunding(40, payer)), "nothing", "nothing is left to burn");
        for (reward, refund) in [(101, 0), (0, 101), (60, 41), (u64::MAX, 1), (1, u64::MAX), (u64::MAX, u64::MAX)] {
            assert_eq!(verdict(Slash::of(100).rewarding(reward, hunter).refunding(refund, payer)), "InvalidArgument");
        }
        assert_eq!(verdict(Slash::of(100).rewarding(60, payer).refunding(40, payer)), "nothing", "who was wronged may have brought it");
    }
}

#[test]
fn a_slash_pays_into_token_accounts_of_the_bond_mint_and_not_into_the_vault() {
    for kind in KINDS {
        let (mut world, account) = with_bond(kind, TOKEN);
        world.mint(who("mint 2"), &[]);
        let others = associated(&who("attacker"), &who("mint 2"), &world.token_program);
        world.put_tokens(others, &who("mint 2"), &who("attacker"), 0);
        let mine = world.token(&who("attacker"));
        let program = registry().program;
        let refused = [
            (1, registry_of("admin").bonds, "DuplicateAccount"),
            (1, others, "WrongMint"),
            (1, world.mint, "WrongTokenAccount"),
            (1, who("attacker"), "WrongOwner"),
            (1, program, "WrongOwner"),
            (0, mine, "WrongProgram"),
            (0, SYSTEM, "WrongProgram"),
        ];
        for (share, token, verdict) in refused {
            for slash in [Slash::of(100).rewarding(share, token).refunding(5, mine), Slash::of(100).rewarding(5, mine).refunding(share, token)] {
                let calls = kind.slashed(&world, account, &slash);
                assert_eq!(world.refused(&calls), verdict, "{kind:?}, {share} to {token}");
            }
        }
    }
}

#[test]
fn the_quorums_word_about_a_node_is_none_about_a_validator_of_the_same_key() {
    let (mut world, node) = with_bond(Node, TOKEN);
    let register = Validator.register(&world, "node", "provider");
    send(&mut world, &[register]);
    let validator = Validator.account("node");
    let slash = Slash::of(100).rewarding(40, world.token(&who("attacker")));
    for (kind, account, other) in [(Node, node, validator), (Validator, validator, node)] {
        let call = kind.slash(&world, account, &slash);
        let not_kind = if kind == Node { Validator } else { Node };
        for digest in [slash.digest(not_kind, &account), slash.digest(not_kind, &other), slash.digest(kind, &other)] {
            assert_eq!(world.refused(&[quorum(&digest), call.clone()]), "WrongMessage");
        }
        let mistaken = [quorum(&slash.digest(kind, &other)), kind.slash(&world, other, &slash)];
        assert_eq!(world.refused(&mistaken), "WrongAccountKind");
        assert_eq!(world.refused(&[quorum(&slash.digest(kind, &account)), call]), "nothing");
    }
}

#[test]
fn a_validators_payout_is_its_operators_to_change_while_it_is_active() {
    let (mut world, account) = with_bond(Validator, TOKEN);
    assert_eq!(world.refused(&[world.update_validator("node", "provider", SYSTEM)]), "InvalidArgument");
    assert_eq!(world.refused(&[world.update_validator("node", "attacker", who("attacker"))]), "Unauthorized");
    let update = world.update_validator("node", "provider", who("payee"));
    send(&mut world, std::slice::from_ref(&update));
    assert_eq!(world.data(&account)[104..136], *who("payee").as_ref());
    let mut nobodys = Validator.register(&world, "node 2", "provider 2");
    nobodys.data[1..33].fill(0);
    assert_eq!(world.refused(&[nobodys]), "InvalidArgument");
    let leave = Validator.request(account, "provider");
    send(&mut world, &[leave]);
    assert_eq!(world.refused(&[update]), "WrongState");
}

#[test]
fn a_paused_registry_takes_no_validators_bond_and_holds_none_back() {
    let (mut world, account) = with_bond(Validator, TOKEN);
    let pause = world.govern("set_paused", "admin", &[("paused", Arg::U8(1))]);
    send(&mut world, &[pause]);
    assert_eq!(world.refused(&[Validator.register(&world, "node 2", "provider 2")]), "Paused");
    assert_eq!(world.refused(&[Validator.add(&world, account, "provider", 5)]), "Paused");
    let slash = Validator.slashed(&world, account, &Slash::of(10));
    assert_eq!(world.refused(&slash), "nothing");
    let leave = [world.update_validator("node", "provider", who("payee")), Validator.request(account, "provider")];
    send(&mut world, &leave);
    world.pass(UNBONDING);
    let back = [Validator.withdraw(&world, account, "provider"), Validator.close(account, "provider")];
    send(&mut world, &back);
    assert_eq!(world.amount(&world.token(&who("provider"))), WEALTH);
}

#[test]
fn a_bonds_time_beyond_counting_is_refused() {
    if only_inside("writes the config's account") {
        return;
    }
    for kind in KINDS {
        let (mut world, account) = with_bond(kind, TOKEN);
        let config = registry_of("admin").config;
        let mut data = world.data(&config);
        data[112..120].fill(0xff);
        world.put(config, registry().program, data, 10_000_000);
        assert_eq!(world.refused(&[kind.request(account, "provider")]), "ArithmeticOverflow");
        let slash = kind.slashed(&world, account, &Slash::of(10));
        assert_eq!(world.refused(&slash), "ArithmeticOverflow");
    }
}

#[test]
fn no_instruction_leaves_a_withdrawn_one_a_bond_and_the_program_checks_it_all_the_same() {
    if only_inside("writes the account of the bond") {
        return;
    }
    for kind in KINDS {
        let (mut world, account) = with_bond(kind, TOKEN);
        let mut data = world.data(&account);
        data[3] = 3;
        world.put(account, registry().program, data, 10_000_000);
        assert_eq!(world.refused(&[kind.close(account, "provider")]), "WrongState");
    }
}
