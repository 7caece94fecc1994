//! Every error of both programs, in ranges by topic. A number is never used again for another meaning.

use pinocchio::error::ProgramError;

macro_rules! errors {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal,)*) => {
        /// Custom program errors; the number is what a client sees.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum Error { $($(#[doc = $doc])* $name = $code,)* }

        impl Error {
            /// Number, name and message of each error; the IDL carries the same list.
            pub const ALL: &'static [(u32, &'static str, &'static str)] = &[$(($code, stringify!($name), concat!($($doc),*)),)*];
        }
    };
}

errors! {
    /// Instruction data has missing or trailing bytes
    MalformedInstruction = 6000,
    /// No instruction has this discriminator
    UnknownInstruction = 6001,
    /// The instruction takes another number of accounts
    WrongAccountCount = 6002,
    /// An account that must sign did not
    MissingSigner = 6003,
    /// An account that must be writable is not
    NotWritable = 6004,
    /// An account is owned by another program than it must be
    WrongOwner = 6005,
    /// An account's address is not the one derived or stored for it
    WrongAddress = 6006,
    /// An account is of another kind or version
    WrongAccountKind = 6007,
    /// The account exists already
    AlreadyInitialized = 6008,
    /// A program account is not the program it must be
    WrongProgram = 6009,
    /// The same account was given twice where it must differ
    DuplicateAccount = 6010,
    /// The signer does not have this right
    Unauthorized = 6011,
    /// An amount does not fit
    ArithmeticOverflow = 6020,
    /// The amount must not be zero
    ZeroAmount = 6021,
    /// An argument is out of its range
    InvalidArgument = 6022,
    /// Verifiers must be 1 to 7 distinct keys and the threshold within their number
    InvalidVerifierSet = 6023,
    /// New money and registrations are stopped at present
    Paused = 6024,
    /// The account is in a state that does not allow this
    WrongState = 6025,
    /// The slot from which this is allowed has not come
    TooEarly = 6026,
    /// The slot until which this was allowed has passed
    TooLate = 6027,
    /// The instruction before this one is not the Ed25519 precompile
    PrecompileMissing = 6040,
    /// The precompile's offsets leave its own data
    PrecompileLayout = 6041,
    /// The precompile holds another number of signatures
    SignatureCount = 6042,
    /// The signed message is not the one required
    WrongMessage = 6043,
    /// The signature is by another key
    WrongSigner = 6044,
    /// Fewer verifiers signed than the threshold
    QuorumTooSmall = 6045,
    /// A verifier's signature was counted twice
    DuplicateVerifier = 6046,
    /// The voucher has expired
    VoucherExpired = 6060,
    /// The settlement is above the voucher
    VoucherExceeded = 6061,
    /// The settlement is above the deposit
    DepositExceeded = 6062,
    /// Nothing is left to settle
    NothingToSettle = 6063,
    /// The session key has expired
    SessionExpired = 6064,
    /// The settlement is above the session's limit
    SessionLimitExceeded = 6065,
    /// The escrow belongs to another market or mint
    EscrowForeign = 6066,
    /// The escrow's exit slot has come
    EscrowExiting = 6067,
    /// The opening slot lies in the future or over 150 slots back
    OpenSlotOutOfRange = 6068,
    /// The escrow's inbox must be emptied and closed first
    InboxOpen = 6069,
    /// The escrow or its inbox has money in it
    EscrowNotEmpty = 6070,
    /// Another batch of the pool is in its window
    BatchPending = 6080,
    /// The batch's sequence number is not the pool's next
    WrongSequence = 6081,
    /// The credits are above what the pool ever received
    CreditExceedsInflow = 6082,
    /// Cumulative credits went down
    CreditShrinks = 6083,
    /// The batch is not final
    BatchNotFinal = 6084,
    /// The proof does not lead to the batch's credit root and sum
    WrongProof = 6100,
    /// Everything credited was claimed already
    NothingToClaim = 6101,
    /// The node was slashed
    NodeSlashed = 6102,
    /// The node account is not this payee's in the market's registry
    NodeForeign = 6103,
    /// The claim kind is unknown
    WrongKind = 6104,
    /// The node is not active, or not of this tier, or its attestation has ended
    NodeUnfit = 6105,
    /// The mint has an extension that would break the accounting
    MintRefused = 6120,
    /// The token account or argument is of another mint
    WrongMint = 6121,
    /// The token account is not the one that must be used
    WrongTokenAccount = 6122,
    /// The bond is below the minimum
    BondTooSmall = 6140,
    /// The slash is above the bond
    BondExceeded = 6141,
    /// The registry's unbonding time is below twice the challenge window
    UnbondingTooShort = 6142,
    /// The node's attestation record lasts as long or longer
    AttestationOutdated = 6160,
    /// The node's attestation by this quote was revoked
    AttestationRevoked = 6161,
    /// The royalty is above 3000 basis points
    RoyaltyTooHigh = 6180,
    /// What is shown is no fault of the batch
    NoFault = 6200,
    /// The leaf or claim shown is not of the batch that it must be of
    LeafForeign = 6201,
    /// The market lets no node settle by itself
    NoDirectSettlement = 6202,
    /// The charge is above the assignment's ceiling
    CeilingExceeded = 6203,
    /// The receipt is of another job
    ReceiptForeign = 6204,
    /// The registry has no disputes
    NoDisputes = 6220,
    /// The receipt is malformed, another node's, or none that can be disputed
    ReceiptUnfit = 6221,
    /// It is another move's turn
    WrongPhase = 6222,
    /// What was opened does not give the hash that was committed to
    WrongOpening = 6223,
    /// The evidence is not what the move asks for
    EvidenceUnfit = 6224,
    /// The number follows from what it is computed from
    NothingWrong = 6225,
    /// It was not shown that the job had no form
    FormNotShown = 6226,
    /// The node has open disputes
    NodeDisputed = 6227,
    /// The receipt key was changed less than an unbonding time ago
    KeyChangedLately = 6228,
    /// What was shown to the node stands until it has answered
    EvidenceHeld = 6229,
}

impl From<Error> for ProgramError {
    fn from(error: Error) -> Self {
        ProgramError::Custom(error as u32)
    }
}
