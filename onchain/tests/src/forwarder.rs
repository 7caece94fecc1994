//! Calls that come through another program, as a multisig's do: an authority may be an address that only a program can sign for, and
//! signatures that only a program has looked at count for nothing.

use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};
use solana_program_runtime::{declare_process_instruction, solana_sbpf::program::BuiltinFunctionDefinition};

use crate::{
    bytes::{SYSTEM, TOKEN},
    chain::only_inside,
    idl::Arg,
    precompile,
    world::*,
};

const PROGRAM: Address = Address::from_str_const("Forwarder1111111111111111111111111111111111");
const SEED: &[u8] = b"members";

// Calls the program in its first account with the others and its own data, and signs for its address. The least a multisig does, in the
// machine's own language: what it calls sees an ordinary cross-program invocation.
declare_process_instruction!(Entrypoint, 100, |invoke_context| {
    let context = invoke_context.transaction_context.get_current_instruction_context()?;
    let (members, bump) = members();
    let mut accounts = vec![];
    for index in 0..context.get_number_of_instruction_accounts() {
        let pubkey = *context.get_key_of_instruction_account(index)?;
        let is_signer = context.is_instruction_account_signer(index)? || pubkey == members;
        accounts.push(AccountMeta { pubkey, is_signer, is_writable: context.is_instruction_account_writable(index)? });
    }
    let program_id = accounts.remove(0).pubkey;
    let data = context.get_instruction_data().to_vec();
    invoke_context.native_invoke_signed(Instruction { program_id, accounts, data }, &[&[SEED, &[bump]]])
});

fn members() -> (Address, u8) {
    Address::find_program_address(&[SEED], &PROGRAM)
}

/// The call through the forwarder, which `authority` signs for itself.
fn through(call: &Instruction) -> Instruction {
    let mut accounts = vec![AccountMeta::new_readonly(call.program_id, false)];
    accounts.extend(call.accounts.iter().cloned().map(|meta| AccountMeta { is_signer: meta.is_signer && meta.pubkey != members().0, ..meta }));
    Instruction { program_id: PROGRAM, accounts, data: call.data.clone() }
}

/// The call with the forwarder's address in the place of a wallet.
fn in_place_of(name: &str, mut call: Instruction) -> Instruction {
    call.accounts.iter_mut().filter(|meta| meta.pubkey == who(name)).for_each(|meta| meta.pubkey = members().0);
    call
}

fn with_forwarder() -> World {
    let mut world = World::ready(TOKEN);
    world.add_builtin(PROGRAM, Entrypoint::register);
    world
}

#[test]
fn a_programs_address_governs_a_market_by_cross_program_calls() {
    if only_inside("its forwarder is a program in the machine's own language") {
        return;
    }
    let mut world = with_forwarder();
    let (members, _) = members();
    let offer = world.update_market("admin", "operator", members);
    world.send(&[offer]).unwrap();
    let accept = in_place_of("hunter", world.accept_authority("hunter"));
    let mut unsigned = accept.clone();
    unsigned.accounts.iter_mut().for_each(|meta| meta.is_signer = false);
    assert_eq!(world.refused(&[unsigned]), "MissingSigner", "the address alone is no signature");
    world.send(&[through(&accept)]).unwrap();
    assert_eq!(world.refused(&[world.set_paused("admin", 1)]), "Unauthorized", "it has passed on");
    let govern = |call| through(&in_place_of("admin", call));
    let calls = [
        world.set_paused("admin", 1),
        world.set_paused("admin", 0),
        world.update_market("admin", "hunter", SYSTEM),
        world.propose_terms("admin", (300, [WINDOW, EXIT, SILENCE]), &VERIFIERS),
        world.cancel_terms("admin"),
        world.propose_terms("admin", (400, [WINDOW, EXIT, SILENCE]), &VERIFIERS),
    ];
    for call in calls {
        let sent = world.send(&[govern(call)]).unwrap();
        assert_eq!(events(&sent).len(), 1, "its event comes as from any caller");
    }
    world.pass(EXIT + WINDOW);
    let apply = world.apply_terms();
    world.send(&[apply]).unwrap();
    let market = world.data(&market_of("admin"));
    assert_eq!(market[6..8], 400u16.to_le_bytes());
    assert_eq!(market[104..136], *who("hunter").as_ref(), "the operator that it named");
    // Whoever else calls through the forwarder is itself, not the members.
    let stranger = through(&in_place_of("admin", world.set_paused("attacker", 1)));
    assert_eq!(world.refused(&[stranger]), "Unauthorized");
    // And hands it back.
    let back = govern(world.update_market("admin", "operator", who("admin")));
    world.send(&[back]).unwrap();
    let accept = world.accept_authority("admin");
    world.send(&[accept]).unwrap();
    assert_eq!(world.refused(&[govern(world.set_paused("admin", 1))]), "Unauthorized");
}

#[test]
fn a_programs_address_governs_a_registry_by_cross_program_calls() {
    if only_inside("its forwarder is a program in the machine's own language") {
        return;
    }
    let mut world = with_forwarder();
    let offer = world.govern("propose_authority", "admin", &[("authority", Arg::Key(members().0))]);
    world.send(&[offer]).unwrap();
    let accept = through(&in_place_of("admin 2", world.govern("accept_authority", "admin 2", &[])));
    world.send(&[accept]).unwrap();
    let calls = [
        world.govern("set_paused", "admin", &[("paused", Arg::U8(1))]),
        world.govern("set_paused", "admin", &[("paused", Arg::U8(0))]),
        world.propose_verifiers("admin", 5, &NEXT_VERIFIERS),
        world.cancel_verifiers("admin"),
        world.register_model("admin", "publisher", crate::story::MODEL, (500, &[1])),
    ];
    for call in calls {
        assert_eq!(world.refused(std::slice::from_ref(&call)), "Unauthorized", "who governed before");
        let sent = world.send(&[through(&in_place_of("admin", call))]).unwrap();
        assert_eq!(events(&sent).len(), 1);
    }
}

#[test]
fn signatures_count_only_as_the_transactions_own_instruction() {
    if only_inside("its forwarder is a program in the machine's own language") {
        return;
    }
    let mut world = with_forwarder();
    let (escrow_key, open) = world.open_escrow("admin", "payer", 1_000, (0, 0));
    world.send(&[open]).unwrap();
    let verify = precompile::verify(&[(&key("payer session"), &voucher(&escrow_key, 500, 0))]);
    let settle = world.settle(&[(escrow_key, 200)]);
    assert_eq!(world.refused(&[verify.clone(), settle.clone()]), "nothing", "as it should be");
    assert_ne!(world.refused(&[through(&verify), settle.clone()]), "nothing", "called by a program");
    // Another program's instruction with the precompile's very bytes, which nobody has verified.
    let impostor = Instruction { program_id: SYSTEM, accounts: vec![], ..verify.clone() };
    let posing = Instruction { program_id: PROGRAM, accounts: vec![AccountMeta::new_readonly(precompile::PROGRAM, false)], ..verify.clone() };
    for other in [impostor, posing] {
        assert_ne!(world.refused(&[other, settle.clone()]), "nothing");
    }
    let idle =
        Instruction { program_id: PROGRAM, accounts: through(&world.set_paused("admin", 0)).accounts, data: world.set_paused("admin", 0).data };
    assert_eq!(world.refused(&[verify.clone(), idle, settle.clone()]), "PrecompileMissing", "a program's instruction between");
    // Settling by a program's call is judged by the transaction's instruction before the program's.
    assert_eq!(world.refused(&[through(&settle)]), "PrecompileMissing");
    assert_eq!(world.refused(&[verify, through(&settle)]), "nothing");
}
