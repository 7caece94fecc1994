//! Opens a market. Its address holds the cluster's genesis hash and its creator's key: no signature of one cluster means anything on
//! another, and nobody can take another's place by being first.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | creator | s | | part of the seeds |
//! | 2 | market | | w | PDA `["market", cluster, creator, id]`, empty |
//! | 3 | registry_config | | | the one named, of the registry program named; its bonds outlast a batch |
//! | 4 | bond_mint | | | mint without refused extensions |
//! | 5 | bond_vault | | w | PDA `["bonds", market]`, empty |
//! | 6 | token_program | | | owns the mint |
//! | 7 | system_program | | | |
//! | 8 | event_authority | | | PDA `["__event_authority"]` |
//! | 9 | program | | | this program |

use nyxos_shared::{
    Call, Create, Emitter, accounts, address, arguments,
    event::event_authority,
    pda, program, quorum, signer,
    token::{self, Opening, Token},
};
use pinocchio::{ProgramResult, cpi::Seed};

use crate::{
    events,
    instructions::{MarketTerms, bonds_outlast, gateways_of},
    state::{MAX_GATEWAYS, bond_vault, market},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [rent_payer, creator, market_account, registry_account, bond_mint, bond_vault, token_program, system_program, event_authority, this]
    );
    arguments!(data, {
        id: u16, cluster: Hash, authority: Key, operator: Key, treasury: Key, fee_bps: u16, challenge_slots: u64, exit_slots: u64, direct_slots: u64,
        min_poster_bond: u64, registry_program: Key, registry_config: Key, threshold: u8, verifiers: [Key; ..=quorum::MAX], gateways: [Key; ..=MAX_GATEWAYS],
    });

    signer(creator)?;
    program(system_program, &pinocchio_system::ID)?;
    quorum::valid_set(verifiers, threshold)?;
    MarketTerms { fee_bps, challenge_slots, exit_slots, direct_slots }.valid()?;
    let kept_gateways = gateways_of(gateways)?;
    address(registry_account, registry_config)?;
    bonds_outlast(challenge_slots, registry_account, registry_program)?;
    let decimals = token::mint(bond_mint, token_program)?;
    let id_bytes = id.to_le_bytes();
    let market_bump = pda(market_account, &market::seeds(cluster, creator.address().as_ref(), &id_bytes), program_id)?;
    let vault_bump = pda(bond_vault, &bond_vault::seeds(market_account.address().as_ref()), program_id)?;
    let event_bump = pda(event_authority, &event_authority::seeds(), program_id)?;

    let bump = [market_bump];
    let seeds = [Seed::from(b"market"), Seed::from(cluster), Seed::from(creator.address().as_ref()), Seed::from(&id_bytes), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: market::DISC, len: market::LEN, bump: market_bump }.at(market_account, &seeds)?;
    let bump = [vault_bump];
    let seeds = [Seed::from(b"bonds"), Seed::from(market_account.address().as_ref()), Seed::from(&bump)];
    let opening = Opening { owner: market_account.address(), rent_payer };
    Token { mint: bond_mint, decimals, program: token_program }.create_vault(bond_vault, &opening, &seeds)?;
    {
        let mut data = market_account.try_borrow_mut()?;
        market::EVENT_AUTHORITY_BUMP.set(&mut data, event_bump);
        market::ID.set(&mut data, id);
        market::FEE_BPS.set(&mut data, fee_bps);
        market::CLUSTER.set(&mut data, cluster);
        market::CREATOR.set(&mut data, creator.address().as_array());
        market::AUTHORITY.set(&mut data, authority);
        market::OPERATOR.set(&mut data, operator);
        market::TREASURY.set(&mut data, treasury);
        market::REGISTRY_PROGRAM.set(&mut data, registry_program);
        market::REGISTRY_CONFIG.set(&mut data, registry_config);
        market::CHALLENGE_SLOTS.set(&mut data, challenge_slots);
        market::EXIT_SLOTS.set(&mut data, exit_slots);
        market::DIRECT_SLOTS.set(&mut data, direct_slots);
        market::BOND_MINT.set(&mut data, bond_mint.address().as_array());
        market::MIN_POSTER_BOND.set(&mut data, min_poster_bond);
        market::VERIFIER_COUNT.set(&mut data, (verifiers.len() / 32) as u8);
        market::THRESHOLD.set(&mut data, threshold);
        data[market::VERIFIERS.0..market::VERIFIERS.0 + verifiers.len()].copy_from_slice(verifiers);
        market::GATEWAYS.set(&mut data, &kept_gateways);
    }
    events::MarketInitialized {
        market: market_account.address().as_array(),
        cluster,
        creator: creator.address().as_array(),
        id,
        authority,
        operator,
        treasury,
        fee_bps,
        challenge_slots,
        exit_slots,
        direct_slots,
        bond_mint: bond_mint.address().as_array(),
        min_poster_bond,
        registry_program,
        registry_config,
        threshold,
        verifiers,
        gateways,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
