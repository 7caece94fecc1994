//! Bonds: one state machine, and so one source, for nodes and validators.
//!
//! `active → unbonding → withdrawn → closed`. A slash takes an active or unbonding one to `slashed`, for good: what it left is withdrawn after
//! the same time as any bond, and the account stays.

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, add, address, arguments, close,
    hash::sha256,
    layout::{Key, U8, U64},
    load_mut, pda, program,
    registry::{CONFIG_VERIFIERS, bond_state, bond_vault, config, node, validator},
    signer, sub,
    token::{self, Burning, Movement, Token},
    writable,
};
use pinocchio::{
    AccountView, Address, ProgramResult,
    account::RefMut,
    cpi::Seed,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{load_config, not_paused},
};

/// An account that has a bond: where it keeps what the bond's rules read and write.
pub trait Bonded {
    const DISC: u8;
    const LEN: usize;
    /// First seed of its address.
    const SEED: &'static [u8];
    const STATE: U8;
    const CONFIG: Key;
    /// The key that names it.
    const KEY: Key;
    const OPERATOR: Key;
    const PAYOUT: Key;
    const BOND: U64;
    const UNBOND_SLOT: U64;
    const REGISTERED_SLOT: U64;
    const SLASHED_TOTAL: U64;
    const RENT_PAYER: Key;
    /// Where the config keeps the least bond.
    const LEAST: U64;
    /// Where the config counts how many were ever registered.
    const COUNT: U64;
    /// Begins the digest of a slash, so that a quorum's word about one kind is none about the other.
    const SLASH_DOMAIN: &'static [u8];

    /// Seeds of its address.
    fn seeds<'a>(config: &'a [u8], key: &'a [u8]) -> [&'a [u8]; 3];

    /// Tells what happened to its bond.
    fn added(account: &Address, amount: u64, bond: u64, emitter: &Emitter) -> ProgramResult;
    fn requested(account: &Address, unbond_slot: u64, emitter: &Emitter) -> ProgramResult;
    fn withdrawn(account: &Address, amount: u64, emitter: &Emitter) -> ProgramResult;
    fn slashed(account: &Address, slash: &Slash, emitter: &Emitter) -> ProgramResult;
    fn closed(account: &Address, emitter: &Emitter) -> ProgramResult;

    /// The first slot in which nothing that was signed for its account can be used on the next one of the same key.
    fn closable_from(_data: &[u8]) -> u64 {
        0
    }

    /// How many disputes may yet take from the bond.
    fn open_disputes(_data: &[u8]) -> u32 {
        0
    }
}

/// A slash, as its event tells it.
pub struct Slash<'a> {
    pub amount: u64,
    pub reward: u64,
    pub refund: u64,
    pub burned: u64,
    pub evidence_hash: &'a [u8; 32],
    /// What is left.
    pub bond: u64,
}

macro_rules! bonded {
    ($name:ident, $layout:ident, $key:ident, [$added:ident, $requested:ident, $withdrawn:ident, $slashed:ident, $closed:ident], { $($rest:tt)* }) => {
        impl Bonded for $name {
            const DISC: u8 = $layout::DISC;
            const LEN: usize = $layout::LEN;
            const STATE: U8 = $layout::STATE;
            const CONFIG: Key = $layout::CONFIG;
            const KEY: Key = $layout::$key;
            const OPERATOR: Key = $layout::OPERATOR;
            const PAYOUT: Key = $layout::PAYOUT;
            const BOND: U64 = $layout::BOND;
            const UNBOND_SLOT: U64 = $layout::UNBOND_SLOT;
            const REGISTERED_SLOT: U64 = $layout::REGISTERED_SLOT;
            const SLASHED_TOTAL: U64 = $layout::SLASHED_TOTAL;
            const RENT_PAYER: Key = $layout::RENT_PAYER;
            const SEED: &'static [u8] = $layout::SEED;

            #[inline(always)]
            fn seeds<'a>(config: &'a [u8], key: &'a [u8]) -> [&'a [u8]; 3] {
                $layout::seeds(config, key)
            }

            #[inline(always)]
            fn added(account: &Address, amount: u64, bond: u64, emitter: &Emitter) -> ProgramResult {
                events::$added { $layout: account.as_array(), amount, bond }.emit(emitter)
            }

            #[inline(always)]
            fn requested(account: &Address, unbond_slot: u64, emitter: &Emitter) -> ProgramResult {
                events::$requested { $layout: account.as_array(), unbond_slot }.emit(emitter)
            }

            #[inline(always)]
            fn withdrawn(account: &Address, amount: u64, emitter: &Emitter) -> ProgramResult {
                events::$withdrawn { $layout: account.as_array(), amount }.emit(emitter)
            }

            #[inline(always)]
            fn slashed(account: &Address, slash: &Slash, emitter: &Emitter) -> ProgramResult {
                let Slash { amount, reward, refund, burned, evidence_hash, bond } = *slash;
                events::$slashed { $layout: account.as_array(), amount, reward, refund, burned, evidence_hash, bond }.emit(emitter)
            }

            #[inline(always)]
            fn closed(account: &Address, emitter: &Emitter) -> ProgramResult {
                events::$closed { $layout: account.as_array() }.emit(emitter)
            }

            $($rest)*
        }
    };
}

/// A provider node.
pub struct Node;
/// Who replays sampled jobs and answers for its verdicts.
pub struct Validator;

bonded!(Node, node, NODE_KEY, [BondAdded, UnbondRequested, BondWithdrawn, NodeSlashed, NodeClosed], {
    const LEAST: U64 = config::MIN_BOND;
    const COUNT: U64 = config::NODE_COUNT;
    const SLASH_DOMAIN: &'static [u8] = b"nyxos:slash:v1";

    // The next account knows nothing of the floor, so no record of this one may be in time any more.
    fn closable_from(data: &[u8]) -> u64 {
        node::ATTESTATION_FLOOR_SLOT.get(data).max(node::ATTESTATION_EXPIRY_SLOT.get(data))
    }

    fn open_disputes(data: &[u8]) -> u32 {
        node::OPEN_DISPUTES.get(data)
    }
});

bonded!(
    Validator,
    validator,
    VALIDATOR_KEY,
    [ValidatorBondAdded, ValidatorUnbondRequested, ValidatorBondWithdrawn, ValidatorSlashed, ValidatorClosed],
    {
        const LEAST: U64 = config::MIN_VALIDATOR_BOND;
        const COUNT: U64 = config::VALIDATOR_COUNT;
        const SLASH_DOMAIN: &'static [u8] = b"nyxos:slash-validator:v1";
    }
);

/// A bonded account of this registry: one of another registry has another quorum and another vault.
pub fn load_bonded<'a, B: Bonded>(
    account: &'a mut AccountView,
    config: &AccountView,
    program_id: &Address,
) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, B::DISC, B::LEN)?;
    if B::CONFIG.get(&data) != config.address().as_array() {
        return Err(Error::WrongAddress.into());
    }
    Ok(data)
}

/// As [`load_bonded`], for its operator, who must sign for everything that moves the bond or changes what is paid to whom.
pub fn load_operated<'a, B: Bonded>(
    operator: &AccountView,
    account: &'a mut AccountView,
    config: &AccountView,
    program_id: &Address,
) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_bonded::<B>(account, config, program_id)?;
    signer(operator)?;
    address(operator, B::OPERATOR.get(&data)).map_err(|_| Error::Unauthorized)?;
    Ok(data)
}

/// Who leaves or was slashed changes no more.
pub fn require_active<B: Bonded>(data: &[u8]) -> Result<(), Error> {
    if B::STATE.get(data) == bond_state::ACTIVE { Ok(()) } else { Err(Error::WrongState) }
}

/// Where a registry's bonds lie, and what moving them takes.
pub struct Vault<'a> {
    pub config: &'a AccountView,
    pub account: &'a AccountView,
    pub mint: &'a AccountView,
    pub token_program: &'a AccountView,
}

impl<'a> Vault<'a> {
    /// Mint, program and vault must be the config's.
    pub fn token_of(&self, config_data: &[u8], program_id: &Address) -> Result<Token<'a>, ProgramError> {
        address(self.mint, config::BOND_MINT.get(config_data)).map_err(|_| Error::WrongMint)?;
        let decimals = token::mint(self.mint, self.token_program)?;
        pda(self.account, &bond_vault::seeds(self.config.address().as_ref()), program_id)?;
        Ok(Token { mint: self.mint, decimals, program: self.token_program })
    }

    /// Who gets a share of a slash has a token account of the mint, not the vault, where the units would be stranded. Without a share this
    /// program stands in the account's place.
    fn require_payee(&self, account: &AccountView, share: u64, program_id: &Address) -> ProgramResult {
        if share == 0 {
            return Ok(program(account, program_id)?);
        }
        if account.address() == self.account.address() {
            return Err(Error::DuplicateAccount.into());
        }
        token::of_mint(account, self.token_program, self.mint.address()).map(|_| ())
    }
}

/// What signs for a config, which owns the vault.
pub struct Seal {
    creator: [u8; 32],
    id: [u8; 2],
    bump: [u8; 1],
}

impl Seal {
    pub fn of(config_data: &[u8]) -> Self {
        Self { creator: *config::CREATOR.get(config_data), id: config::ID.get(config_data).to_le_bytes(), bump: [config::BUMP.get(config_data)] }
    }

    pub fn seeds(&self) -> [Seed<'_>; 4] {
        [Seed::from(b"config"), Seed::from(&self.creator), Seed::from(&self.id), Seed::from(&self.bump)]
    }
}

/// A new bonded account, active, and its bond.
pub struct Registration<'a> {
    pub program_id: &'a Address,
    pub rent_payer: &'a AccountView,
    /// Owns `operator_token`.
    pub operator: &'a AccountView,
    /// Signs, so that nobody can register a key that is not theirs.
    pub key: &'a AccountView,
    pub config: &'a mut AccountView,
    pub account: &'a mut AccountView,
    pub operator_token: &'a AccountView,
    pub bond_mint: &'a AccountView,
    pub bond_vault: &'a AccountView,
    pub token_program: &'a AccountView,
    pub system_program: &'a AccountView,
    pub payout: &'a [u8; 32],
    pub bond: u64,
}

/// What a registration's event needs.
pub struct Registered {
    pub event_bump: u8,
    pub slot: u64,
}

impl Registration<'_> {
    /// Makes the account and takes the bond.
    #[inline(never)]
    pub fn register<B: Bonded>(&mut self) -> Result<Registered, ProgramError> {
        signer(self.operator)?;
        signer(self.key)?;
        program(self.system_program, &pinocchio_system::ID)?;
        let event_bump = {
            let mut config_data = load_mut(self.config, self.program_id, config::DISC, config::LEN)?;
            not_paused(&config_data)?;
            if self.bond < B::LEAST.get(&config_data) {
                return Err(Error::BondTooSmall.into());
            }
            add(&mut config_data, B::COUNT, 1)?;
            config::EVENT_AUTHORITY_BUMP.get(&config_data)
        };
        let vault = Vault { config: self.config, account: self.bond_vault, mint: self.bond_mint, token_program: self.token_program };
        let token = vault.token_of(&load_config(self.config, self.program_id)?, self.program_id)?;
        token::holding(self.operator_token, self.token_program, self.bond_mint.address(), self.operator.address())?;
        let (of_config, of_key) = (self.config.address().as_ref(), self.key.address().as_ref());
        let bump = pda(self.account, &B::seeds(of_config, of_key), self.program_id)?;
        let slot = Clock::get()?.slot;

        let bump_seed = [bump];
        let seeds = [Seed::from(B::SEED), Seed::from(of_config), Seed::from(of_key), Seed::from(&bump_seed)];
        Create { rent_payer: self.rent_payer, owner: self.program_id, disc: B::DISC, len: B::LEN, bump }.at(self.account, &seeds)?;
        {
            let mut data = self.account.try_borrow_mut()?;
            B::STATE.set(&mut data, bond_state::ACTIVE);
            B::CONFIG.set(&mut data, self.config.address().as_array());
            B::KEY.set(&mut data, self.key.address().as_array());
            B::OPERATOR.set(&mut data, self.operator.address().as_array());
            B::PAYOUT.set(&mut data, self.payout);
            B::BOND.set(&mut data, self.bond);
            B::REGISTERED_SLOT.set(&mut data, slot);
            B::RENT_PAYER.set(&mut data, self.rent_payer.address().as_array());
        }
        token.transfer(&Movement { from: self.operator_token, to: self.bond_vault, authority: self.operator, amount: self.bond }, &[])?;
        Ok(Registered { event_bump, slot })
    }
}

/// Adds to an active one's bond.
#[inline(always)]
pub fn add_to<B: Bonded>(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator, config_account, account, operator_token, bond_mint, bond_vault, token_program, event_authority, this]);
    arguments!(data, { amount: u64 });

    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    let vault = Vault { config: config_account, account: bond_vault, mint: bond_mint, token_program };
    let (event_bump, token) = {
        let config_data = load_config(config_account, program_id)?;
        not_paused(&config_data)?;
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), vault.token_of(&config_data, program_id)?)
    };
    token::holding(operator_token, token_program, bond_mint.address(), operator.address())?;
    let bond = {
        let mut data = load_operated::<B>(operator, account, config_account, program_id)?;
        require_active::<B>(&data)?;
        add(&mut data, B::BOND, amount)?
    };
    token.transfer(&Movement { from: operator_token, to: bond_vault, authority: operator, amount }, &[])?;
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    B::added(account.address(), amount, bond, &emitter)
}

/// Starts an active one's leaving.
#[inline(always)]
pub fn request_back<B: Bonded>(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator, config_account, account, event_authority, this]);
    arguments!(data, {});

    let (event_bump, unbonding) = {
        let config_data = load_config(config_account, program_id)?;
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), config::UNBONDING_SLOTS.get(&config_data))
    };
    let unbond_slot = Clock::get()?.slot.checked_add(unbonding).ok_or(Error::ArithmeticOverflow)?;
    {
        let mut data = load_operated::<B>(operator, account, config_account, program_id)?;
        require_active::<B>(&data)?;
        B::STATE.set(&mut data, bond_state::UNBONDING);
        B::UNBOND_SLOT.set(&mut data, unbond_slot);
    }
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    B::requested(account.address(), unbond_slot, &emitter)
}

/// Gives back, after its time, the bond of one that leaves, or what a slash left of it.
#[inline(always)]
pub fn give_back<B: Bonded>(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator, config_account, account, operator_token, bond_mint, bond_vault, token_program, event_authority, this]);
    arguments!(data, {});

    let vault = Vault { config: config_account, account: bond_vault, mint: bond_mint, token_program };
    let (event_bump, seal, token) = {
        let config_data = load_config(config_account, program_id)?;
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), Seal::of(&config_data), vault.token_of(&config_data, program_id)?)
    };
    token::holding(operator_token, token_program, bond_mint.address(), operator.address())?;
    let amount = {
        let mut data = load_operated::<B>(operator, account, config_account, program_id)?;
        let state = B::STATE.get(&data);
        if state != bond_state::UNBONDING && state != bond_state::SLASHED {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < B::UNBOND_SLOT.get(&data) {
            return Err(Error::TooEarly.into());
        }
        if B::open_disputes(&data) != 0 {
            return Err(Error::NodeDisputed.into());
        }
        let amount = B::BOND.get(&data);
        if amount == 0 {
            return Err(Error::ZeroAmount.into());
        }
        B::BOND.set(&mut data, 0);
        if state == bond_state::UNBONDING {
            B::STATE.set(&mut data, bond_state::WITHDRAWN);
        }
        amount
    };
    token.transfer(&Movement { from: bond_vault, to: operator_token, authority: config_account, amount }, &seal.seeds())?;
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    B::withdrawn(account.address(), amount, &emitter)
}

/// What a slash does to the account: the amount is gone from the bond, of which it gives the rest, and the account is slashed for ever.
pub fn lessen<B: Bonded>(data: &mut [u8], amount: u64, unbonding: u64) -> Result<u64, ProgramError> {
    let bond = sub(B::BOND.get(data), amount).map_err(|_| Error::BondExceeded)?;
    B::BOND.set(data, bond);
    B::STATE.set(data, bond_state::SLASHED);
    // What the slash left stays withdrawable, after the same time as any bond: no unit is stranded.
    if B::UNBOND_SLOT.get(data) == 0 {
        let unbond_slot = Clock::get()?.slot.checked_add(unbonding).ok_or(Error::ArithmeticOverflow)?;
        B::UNBOND_SLOT.set(data, unbond_slot);
    }
    add(data, B::SLASHED_TOTAL, amount)?;
    Ok(bond)
}

/// Takes from a bond on the quorum's word: a reward to who brought the evidence, a refund to who was wronged, the rest is burned.
#[inline(always)]
pub fn take_from<B: Bonded>(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [config_account, account, reward_token, refund_token, bond_mint, bond_vault, token_program, instructions, event_authority, this]
    );
    arguments!(data, { amount: u64, reward: u64, refund: u64, evidence_hash: Hash });

    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    let burned = sub(amount, reward).and_then(|rest| sub(rest, refund)).map_err(|_| Error::InvalidArgument)?;
    writable(bond_mint)?;
    let vault = Vault { config: config_account, account: bond_vault, mint: bond_mint, token_program };
    let (event_bump, seal, unbonding, token) = {
        let config_data = load_config(config_account, program_id)?;
        let token = vault.token_of(&config_data, program_id)?;
        let digest = sha256(&[
            B::SLASH_DOMAIN,
            program_id.as_ref(),
            account.address().as_ref(),
            &amount.to_le_bytes(),
            &reward.to_le_bytes(),
            &refund.to_le_bytes(),
            reward_token.address().as_ref(),
            refund_token.address().as_ref(),
            evidence_hash,
        ]);
        CONFIG_VERIFIERS.get(&config_data).require(instructions, &digest)?;
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), Seal::of(&config_data), config::UNBONDING_SLOTS.get(&config_data), token)
    };
    vault.require_payee(reward_token, reward, program_id)?;
    vault.require_payee(refund_token, refund, program_id)?;
    let bond = {
        let mut data = load_bonded::<B>(account, config_account, program_id)?;
        // Who was slashed stays slashed: the same evidence cannot be used again.
        let state = B::STATE.get(&data);
        if state != bond_state::ACTIVE && state != bond_state::UNBONDING {
            return Err(Error::WrongState.into());
        }
        lessen::<B>(&mut data, amount, unbonding)?
    };
    let seeds = seal.seeds();
    for (to, share) in [(&*reward_token, reward), (&*refund_token, refund)] {
        if share > 0 {
            token.transfer(&Movement { from: bond_vault, to, authority: config_account, amount: share }, &seeds)?;
        }
    }
    if burned > 0 {
        token.burn(&Burning { from: bond_vault, authority: config_account, amount: burned }, &seeds)?;
    }
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    B::slashed(account.address(), &Slash { amount, reward, refund, burned, evidence_hash, bond }, &emitter)
}

/// Closes the account of one that has its bond back; its key can be registered anew.
#[inline(always)]
pub fn close_bonded<B: Bonded>(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator, config_account, account, rent_payer, event_authority, this]);
    arguments!(data, {});

    let event_bump = config::EVENT_AUTHORITY_BUMP.get(&load_config(config_account, program_id)?);
    let paid_by = {
        let data = load_operated::<B>(operator, account, config_account, program_id)?;
        // Who was slashed stays for ever: under a new account its key would be paid again, and the old slash could be sent again.
        if B::STATE.get(&data) != bond_state::WITHDRAWN || B::BOND.get(&data) != 0 {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < B::closable_from(&data) {
            return Err(Error::TooEarly.into());
        }
        if B::open_disputes(&data) != 0 {
            return Err(Error::NodeDisputed.into());
        }
        *B::RENT_PAYER.get(&data)
    };
    let closed = *account.address();
    close(account, rent_payer, &paid_by)?;
    B::closed(&closed, &Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
