//! Escrows that nobody signed for, filled by plain transfers: whose they are, what is counted and when, and that every unit and every rent goes
//! back where it came from.

use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

use crate::{
    bytes::{SYSTEM, TOKEN, TOKEN_2022, u64_at},
    chain::only_inside,
    precompile,
    world::*,
};

/// Slots for which an escrow stands without anything in it.
const STANDS: u64 = 9_000;

/// Deposited, settled and collected of an escrow.
fn counted(world: &World, escrow_key: &Address) -> [u64; 3] {
    let data = world.data(escrow_key);
    [168, 176, 216].map(|at| u64_at(&data, at))
}

/// An open prepaid escrow of "payer", with nothing in it.
fn with_prepaid(token_program: Address) -> (World, Receiver) {
    let mut world = World::ready(token_program);
    let prepaid = world.pool("admin").prepaid("payer", world.slot());
    world.put_inbox(&prepaid, 0);
    let open = world.open_prepaid(&prepaid);
    world.send(&[open]).unwrap();
    (world, prepaid)
}

/// One into which `amount` came that was counted.
fn with_credits(amount: u64) -> (World, Receiver) {
    let (mut world, prepaid) = with_prepaid(TOKEN);
    let calls = [world.plain_transfer("payer", &prepaid, amount), world.count_transfers(&prepaid)];
    world.send(&calls).unwrap();
    (world, prepaid)
}

/// Settles an escrow of "payer" up to an amount.
fn settle(world: &mut World, escrow_key: Address, amount: u64) {
    let paper = voucher(&escrow_key, amount, 0);
    let calls = [precompile::verify(&[(&key("payer session"), &paper)]), world.settle(&[(escrow_key, 0)])];
    world.send(&calls).unwrap();
}

fn leave(world: &mut World, escrow_key: Address) {
    let request = world.request_exit(escrow_key, "payer");
    world.send(&[request]).unwrap();
}

/// Makes an inbox anew, as anybody can for anybody.
fn open_inbox(world: &World, of: &Receiver) -> Instruction {
    let accounts = vec![
        AccountMeta::new(who("fees"), true),
        AccountMeta::new(world.token(&of.escrow), false),
        AccountMeta::new_readonly(of.escrow, false),
        AccountMeta::new_readonly(world.mint, false),
        AccountMeta::new_readonly(SYSTEM, false),
        AccountMeta::new_readonly(world.token_program, false),
    ];
    Instruction { program_id: crate::bytes::ASSOCIATED, accounts, data: vec![1] }
}

#[test]
fn anybody_opens_transfers_fill_and_vouchers_spend_it() {
    for token_program in [TOKEN, TOKEN_2022] {
        let (mut world, prepaid) = with_prepaid(token_program);
        let pool = prepaid.pool;
        let data = world.data(&prepaid.escrow);
        assert_eq!((data[3], data[4], &data[5..8]), (1, 1, &[0; 3][..]), "open, and prepaid");
        assert_eq!((&data[40..72], &data[104..136]), (who("payer").as_ref(), who("payer session").as_ref()));
        assert_eq!((&data[136..168], &data[224..256]), (who("rent").as_ref(), who("operator").as_ref()));
        assert!(data[192..216].iter().all(|byte| *byte == 0), "no exit, no expiry, no limit");
        // Whoever pays: what reaches the address is the payer's.
        let calls = [world.plain_transfer("payer", &prepaid, 700), world.plain_transfer("attacker", &prepaid, 50), world.count_transfers(&prepaid)];
        let sent = world.send(&calls).unwrap();
        assert_eq!(escrow().event(&events(&sent)[0]).1["amount"], "750");
        assert_eq!((counted(&world, &prepaid.escrow), world.amount(&pool.deposits)), ([750, 0, 0], 750));
        settle(&mut world, prepaid.escrow, 300);
        let more = [world.deposit(prepaid.escrow, "attacker", 5), world.collect(&[prepaid.escrow])];
        world.send(&more).unwrap();
        assert_eq!((counted(&world, &prepaid.escrow), world.amount(&pool.vault)), ([755, 300, 300], 300));
        leave(&mut world, prepaid.escrow);
        world.pass(EXIT);
        let before = world.amount(&world.token(&who("payer")));
        let calls = [world.return_transfers(&prepaid, "rent"), world.exit_prepaid(&prepaid)];
        world.send(&calls).unwrap();
        assert_eq!(world.amount(&world.token(&who("payer"))), before + 455);
        assert_eq!(world.amount(&pool.deposits), 0);
        assert!(world.account(&prepaid.escrow).is_none() && world.account(&world.token(&prepaid.escrow)).is_none());
    }
}

#[test]
fn its_address_says_whose_it_is_and_who_may_spend_it() {
    let mut world = World::ready(TOKEN);
    let prepaid = world.pool("admin").prepaid("payer", world.slot());
    let open = world.open_prepaid(&prepaid);
    assert_eq!(world.refused(std::slice::from_ref(&open)), "WrongOwner", "its inbox comes first");
    world.put_inbox(&prepaid, 0);
    assert_eq!(world.refused(std::slice::from_ref(&open)), "nothing");
    // Offsets in the data: 1 opening slot, 9 payer, 41 session key.
    let with = |at: usize, key: &[u8]| {
        let mut changed = open.clone();
        changed.data[at..at + key.len()].copy_from_slice(key);
        vec![changed]
    };
    assert_eq!(world.refused(&with(9, who("attacker").as_ref())), "WrongAddress");
    assert_eq!(world.refused(&with(41, who("attacker").as_ref())), "WrongAddress", "a key of the opener's own");
    assert_eq!(world.refused(&with(1, &(prepaid.open_slot - 1).to_le_bytes())), "WrongAddress");
    assert_eq!(world.refused(&with(1, &(world.slot() + 1_000).to_le_bytes())), "OpenSlotOutOfRange");
    assert_eq!(world.refused(&with(1, &(world.slot() - 150).to_le_bytes())), "OpenSlotOutOfRange");
    assert_eq!(world.refused(&with(9, &[0; 32])), "InvalidArgument");
    assert_eq!(world.refused(&with(41, &[0; 32])), "InvalidArgument");
    let pause = world.set_paused("admin", 1);
    world.send(&[pause]).unwrap();
    assert_eq!(world.refused(std::slice::from_ref(&open)), "Paused");
    let resume = world.set_paused("admin", 0);
    world.send(&[resume, open.clone()]).unwrap();
    assert_eq!(world.refused(&[open]), "AlreadyInitialized");
}

#[test]
fn what_was_sent_before_the_opening_is_counted_after_it() {
    let mut world = World::ready(TOKEN);
    let prepaid = world.pool("admin").prepaid("payer", world.slot());
    world.put_inbox(&prepaid, 0);
    let early = [world.plain_transfer("payer", &prepaid, 40), world.open_prepaid(&prepaid), world.count_transfers(&prepaid)];
    world.send(&early).unwrap();
    assert_eq!(counted(&world, &prepaid.escrow), [40, 0, 0]);
}

#[test]
fn a_transfer_is_counted_once_and_while_the_escrow_is_open() {
    let (mut world, prepaid) = with_prepaid(TOKEN);
    let count = world.count_transfers(&prepaid);
    let sent = world.send(std::slice::from_ref(&count)).unwrap();
    assert!(events(&sent).is_empty(), "nothing came, nothing told");
    let transfer = world.plain_transfer("payer", &prepaid, 30);
    world.send(&[transfer]).unwrap();
    let pause = world.set_paused("admin", 1);
    world.send(&[pause]).unwrap();
    assert_eq!(world.refused(std::slice::from_ref(&count)), "Paused");
    let resume = world.set_paused("admin", 0);
    world.send(&[resume, count.clone(), count.clone()]).unwrap();
    assert_eq!(counted(&world, &prepaid.escrow), [30, 0, 0]);
    let again = world.send(std::slice::from_ref(&count)).unwrap();
    assert!(events(&again).is_empty());
    assert_eq!(u64_at(&world.data(&prepaid.pool.pool), 168), 30);
    leave(&mut world, prepaid.escrow);
    assert_eq!(world.refused(&[count]), "WrongState");
}

#[test]
fn a_count_beyond_counting_is_refused() {
    if only_inside("writes an escrow and a pool: there are not so many tokens") {
        return;
    }
    let (mut world, prepaid) = with_prepaid(TOKEN);
    world.put_inbox(&prepaid, 10);
    for account in [prepaid.escrow, prepaid.pool.pool] {
        let before = u64_at(&world.data(&account), 168);
        world.patch(account, 168, &(u64::MAX - 9).to_le_bytes());
        assert_eq!(world.refused(&[world.count_transfers(&prepaid)]), "ArithmeticOverflow");
        world.patch(account, 168, &before.to_le_bytes());
    }
    assert_eq!(world.refused(&[world.count_transfers(&prepaid)]), "nothing");
}

#[test]
fn an_escrow_of_another_market_or_mint_counts_nothing_here() {
    let (mut world, prepaid) = with_prepaid(TOKEN);
    world.found("attacker");
    let foreign = world.pool("attacker").prepaid("payer", world.slot());
    world.put_inbox(&foreign, 20);
    let open = world.open_prepaid(&foreign);
    world.send(&[open]).unwrap();
    assert_eq!(world.refused(&[world.count_transfers(&Receiver { pool: prepaid.pool, ..foreign })]), "EscrowForeign");
    let other = Pool::of(prepaid.pool.market, who("mint 2"), &TOKEN);
    world.mint(other.mint, &[]);
    world.put_tokens(other.vault, &other.mint, &other.pool, 0);
    let found = world.initialize_pool("admin", other.mint);
    world.send(&[found]).unwrap();
    // The escrow's account of another mint is no inbox of its own: nobody could count that mint's units as this one's.
    let ours = std::mem::replace(&mut world.mint, other.mint);
    world.put_tokens(world.token(&prepaid.escrow), &other.mint, &prepaid.escrow, 20);
    let crossed = world.count_transfers(&Receiver { pool: other, ..prepaid });
    assert_eq!(world.refused(&[crossed]), "EscrowForeign");
    assert_eq!(world.refused(&[world.close_prepaid(&prepaid)]), "TooEarly");
    world.mint = ours;
}

#[test]
fn every_escrow_is_topped_up_by_plain_transfers() {
    let mut world = World::ready(TOKEN);
    let (escrow_key, open) = world.open_escrow("admin", "payer", 100, (0, 0));
    let ordinary = Receiver { pool: world.pool("admin"), payer: "payer", session_key: SYSTEM, open_slot: world.slot(), escrow: escrow_key };
    let calls = [open, open_inbox(&world, &ordinary), world.plain_transfer("attacker", &ordinary, 25), world.count_transfers(&ordinary)];
    world.send(&calls).unwrap();
    assert_eq!(counted(&world, &escrow_key), [125, 0, 0]);
    let late = world.plain_transfer("payer", &ordinary, 7);
    world.send(&[late]).unwrap();
    leave(&mut world, escrow_key);
    world.pass(EXIT);
    assert_eq!(world.refused(&[world.exit_prepaid(&ordinary)]), "WrongAccountCount", "its exit has no inbox");
    let exit = world.exit(escrow_key, "payer");
    world.send(&[exit]).unwrap();
    // It left without a look at its inbox; what lies there goes back all the same, to the same payer.
    let back = world.return_transfers(&ordinary, "payer");
    world.send(&[back]).unwrap();
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH + 25);
    assert!(world.account(&world.token(&escrow_key)).is_none());
}

#[test]
fn what_comes_too_late_goes_back_with_the_rent_to_who_paid_it() {
    let (mut world, prepaid) = with_credits(100);
    let inbox = world.token(&prepaid.escrow);
    let late = world.plain_transfer("payer", &prepaid, 9);
    world.send(&[late]).unwrap();
    assert_eq!(world.refused(&[world.return_transfers(&prepaid, "rent")]), "WrongState", "of an open one it is a deposit under way");
    leave(&mut world, prepaid.escrow);
    assert_eq!(world.refused(&[world.return_transfers(&prepaid, "payer")]), "WrongAddress", "the rent was another's");
    let (rent, held) = (world.balance(&who("rent")), world.balance(&inbox));
    let back = world.return_transfers(&prepaid, "rent");
    let sent = world.send(std::slice::from_ref(&back)).unwrap();
    assert_eq!(escrow().event(&events(&sent)[0]).1["amount"], "9");
    assert_eq!((world.amount(&world.token(&who("payer"))), world.balance(&who("rent"))), (WEALTH - 100, rent + held));
    let again = world.send(&[back]).unwrap();
    assert!(events(&again).is_empty(), "there is no inbox any more, and nothing to do");
    world.pass(EXIT);
    let exit = world.exit_prepaid(&prepaid);
    world.send(&[exit]).unwrap();
    // Long gone, and somebody pays it once more.
    let again = [open_inbox(&world, &prepaid), world.plain_transfer("attacker", &prepaid, 3)];
    world.send(&again).unwrap();
    assert_eq!(world.refused(&[world.open_prepaid(&prepaid)]), "OpenSlotOutOfRange");
    assert_eq!(world.refused(&[world.return_transfers(&prepaid, "rent")]), "WrongAddress", "nobody's escrow: the payer's rent");
    let (payer, held) = (world.balance(&who("payer")), world.balance(&inbox));
    let back = world.return_transfers(&prepaid, "payer");
    world.send(&[back]).unwrap();
    assert_eq!((world.amount(&world.token(&who("payer"))), world.balance(&who("payer"))), (WEALTH + 3, payer + held));
}

#[test]
fn what_was_sent_to_an_address_that_nobody_opened_goes_back() {
    let mut world = World::ready(TOKEN_2022);
    let never = world.pool("admin").prepaid("payer", world.slot() + 1_000_000);
    world.put_inbox(&never, 0);
    let sent = [world.plain_transfer("payer", &never, 60), world.return_transfers(&never, "payer")];
    world.send(&sent).unwrap();
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH);
    // Nothing to give back: the inbox is closed, and the payer need not have an account of the mint.
    let nobody = world.pool("admin").prepaid("nobody", 5);
    world.put_inbox(&nobody, 0);
    let close = world.return_transfers(&nobody, "nobody");
    world.send(&[close]).unwrap();
    assert!(world.account(&world.token(&nobody.escrow)).is_none());
}

#[test]
fn nobody_stops_an_exit_by_opening_the_inbox_again() {
    let (mut world, prepaid) = with_credits(100);
    leave(&mut world, prepaid.escrow);
    world.pass(EXIT);
    let (back, exit) = (world.return_transfers(&prepaid, "rent"), world.exit_prepaid(&prepaid));
    assert_eq!(world.refused(std::slice::from_ref(&exit)), "InboxOpen");
    assert_eq!(world.refused(&[world.exit(prepaid.escrow, "payer")]), "WrongAccountCount", "without a word of the inbox");
    let mut elsewhere = exit.clone();
    elsewhere.accounts[10].pubkey = world.token(&who("nobody"));
    assert_eq!(world.refused(&[elsewhere]), "WrongTokenAccount", "some other account that is not there");
    world.send(std::slice::from_ref(&back)).unwrap();
    let nuisance = [open_inbox(&world, &prepaid), world.plain_transfer("attacker", &prepaid, 1)];
    world.send(&nuisance).unwrap();
    assert_eq!(world.refused(std::slice::from_ref(&exit)), "InboxOpen");
    // Lamports at the address of a closed inbox are no inbox.
    assert_eq!(world.refused(&[back.clone(), lamports(&who("attacker"), &world.token(&prepaid.escrow)), exit.clone()]), "nothing");
    world.send(&[back, exit]).unwrap();
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH + 1);
}

fn lamports(from: &Address, to: &Address) -> Instruction {
    let data = [&2u32.to_le_bytes()[..], &1_000_000u64.to_le_bytes()].concat();
    Instruction { program_id: SYSTEM, accounts: vec![AccountMeta::new(*from, true), AccountMeta::new(*to, false)], data }
}

#[test]
fn money_that_goes_back_does_not_follow_an_account_that_was_given_away() {
    let (mut world, prepaid) = with_credits(100);
    let late = world.plain_transfer("payer", &prepaid, 9);
    world.send(&[late]).unwrap();
    leave(&mut world, prepaid.escrow);
    let accounts = vec![AccountMeta::new(world.token(&who("payer")), false), AccountMeta::new_readonly(who("payer"), true)];
    let give = Instruction { program_id: TOKEN, accounts, data: [&[6, 2, 1][..], who("attacker").as_ref()].concat() };
    world.send(&[give]).unwrap();
    assert_eq!(world.refused(&[world.return_transfers(&prepaid, "rent")]), "WrongTokenAccount");
}

#[test]
fn one_that_was_never_paid_for_is_closed_for_its_rent() {
    if only_inside("waits 9,000 slots") {
        return;
    }
    let (mut world, prepaid) = with_prepaid(TOKEN);
    let close = world.close_prepaid(&prepaid);
    world.pass(STANDS - 1);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "TooEarly");
    world.pass(1);
    let mut by_another = close.clone();
    by_another.accounts[0].pubkey = who("attacker");
    assert_eq!(world.refused(&[by_another]), "Unauthorized");
    assert_eq!(world.refused(&[world.plain_transfer("payer", &prepaid, 1), close.clone()]), "EscrowNotEmpty");
    let held = world.balance(&prepaid.escrow) + world.balance(&world.token(&prepaid.escrow));
    let before = world.balance(&who("rent"));
    let sent = world.send(std::slice::from_ref(&close)).unwrap();
    assert_eq!(world.balance(&who("rent")), before + held);
    let (name, told) = escrow().event(&events(&sent)[0]);
    assert_eq!((name.as_str(), told["amount"].as_str(), told["uncollected"].as_str()), ("EscrowExited", Some("0"), Some("0")));
    assert_eq!(world.refused(&[close]), "WrongOwner");
    world.put_inbox(&prepaid, 0);
    assert_eq!(world.refused(&[world.open_prepaid(&prepaid)]), "OpenSlotOutOfRange", "its address never lives twice");
}

#[test]
fn one_with_money_in_it_or_under_way_is_not_closed_and_a_used_up_one_is() {
    if only_inside("waits 9,000 slots") {
        return;
    }
    let (mut world, prepaid) = with_credits(100);
    let close = world.close_prepaid(&prepaid);
    world.pass(STANDS);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "EscrowNotEmpty");
    settle(&mut world, prepaid.escrow, 100);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "EscrowNotEmpty", "settled, and not collected");
    let collect = world.collect(&[prepaid.escrow]);
    world.send(&[collect]).unwrap();
    assert_eq!(world.refused(std::slice::from_ref(&close)), "nothing");
    leave(&mut world, prepaid.escrow);
    assert_eq!(world.refused(&[close]), "WrongState", "its payer closes it");
}

#[test]
fn an_escrow_that_its_payer_opened_is_its_payers_to_close() {
    if only_inside("waits 9,000 slots") {
        return;
    }
    let mut world = World::ready(TOKEN);
    let (escrow_key, open) = world.open_escrow("admin", "payer", 0, (0, 0));
    let ordinary = Receiver { pool: world.pool("admin"), payer: "payer", session_key: SYSTEM, open_slot: world.slot(), escrow: escrow_key };
    let calls = [open, open_inbox(&world, &ordinary)];
    world.send(&calls).unwrap();
    world.pass(STANDS);
    assert_eq!(world.refused(&[world.close_prepaid(&ordinary)]), "WrongAccountKind");
}

#[test]
fn a_charge_that_comes_back_after_the_closing_goes_to_the_wallet() {
    if only_inside("waits 9,000 slots") {
        return;
    }
    let (mut world, prepaid) = with_credits(60);
    let call = world.register_node("node", "provider");
    world.send(&[call]).unwrap();
    world.pass(STANDS);
    // All of it for one job that its node settles by itself.
    let job = DirectJob::new(prepaid.escrow, 1, 60, 60);
    let settling = world.settle_direct(&job);
    world.send(&settling).unwrap();
    assert_eq!(counted(&world, &prepaid.escrow), [60, 60, 60]);
    let close = world.close_prepaid(&prepaid);
    world.send(&[close]).unwrap();
    let voiding = world.void_direct(&job, 3);
    world.send(&voiding).unwrap();
    let back = world.return_direct(&job, "payer");
    world.send(&[back]).unwrap();
    assert_eq!((world.amount(&world.token(&who("payer"))), world.amount(&prepaid.pool.deposits)), (WEALTH, 0));
}
