package network.nyxos.bindgen;

import java.util.Optional;
import java.util.OptionalInt;

/// What the caller of the generator decides.
///
/// @param javaPackage    the package of the generated classes
/// @param prefix         what the classes of the whole program are named after: `Escrow` gives `EscrowInstruction`, `EscrowEvent`, `EscrowError`
/// @param runtimePackage where `BorshReader`, `BorshWriter`, `BorshException` and `ProgramErrorCode` are
/// @param hashType       a class for arrays of 32 bytes, with `static of(byte[])`, `bytes()` and value equality; without it they are `byte[]`
/// @param accountVersion the value that an account's field `version` (u8) must have; without it the field is a field like the others
public record Options(String javaPackage, String prefix, String runtimePackage, Optional<String> hashType, OptionalInt accountVersion) {
}
