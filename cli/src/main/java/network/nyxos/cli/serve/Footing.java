package network.nyxos.cli.serve;

import java.net.URI;
import java.util.Optional;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.cli.attach.PolicyFile;
import network.nyxos.collateral.CollateralSettings;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.standing.SampleRule;

/**
 * What every service is told: {@code listen} (host:port), {@code rpc}, {@code jdbc}, {@code schema}, the programs' ids and code.
 *
 * @param host     to listen on
 * @param port     0: any free one
 * @param rpc      JSON-RPC
 * @param jdbc     {@code jdbc:postgresql:…}
 * @param schema   its own
 * @param programs the two programs
 * @param accepted which code they may have
 */
record Footing(String host, int port, URI rpc, String jdbc, String schema, Programs programs, AcceptedPrograms accepted) {

    static Footing of(ConfigFile config, String schema) {
        String listen = config.text("listen");
        int colon = listen.lastIndexOf(':');
        if (colon < 1 || !listen.substring(colon + 1).matches("[0-9]{1,5}") || Integer.parseInt(listen.substring(colon + 1)) > 65_535) {
            throw ConfigFile.invalid("listen is host:port, for example 127.0.0.1:8403, not '" + listen + "'");
        }
        String jdbc = config.text("jdbc");
        if (!jdbc.startsWith("jdbc:postgresql:")) {
            // What is wrong may be the password beside it.
            throw ConfigFile.invalid("jdbc begins with jdbc:postgresql:");
        }
        return new Footing(listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)), config.url("rpc"), jdbc, config.optional("schema").orElse(schema), config.programs(),
                config.accepted());
    }

    /** {@code policy}: a file; the strict one where none is named. */
    static Policy policy(ConfigFile config) {
        return config.file("policy").map(PolicyFile::read).orElseGet(Policy::strict);
    }

    /** {@code sample-ppm}: the least share of a node's verified jobs that is replayed; {@code sample-ramp}: after how many jobs it is half of them, 0: {@code sample-ppm} for everybody. */
    static SampleRule sampling(ConfigFile config) {
        SampleRule rule = SampleRule.DEFAULT;
        return new SampleRule(config.number("sample-ppm", rule.floorPpm(), 0, SampleRule.ALL), config.number("sample-ramp", rule.ramp(), 0, SampleRule.MAX_RAMP));
    }

    /** {@code collateral}: {@code none}, the default, {@code makers}, or the address of a PCCS; {@code collateral.kds} and {@code collateral.rims}: other places for AMD's and NVIDIA's. */
    static Optional<CollateralSettings> collateral(ConfigFile config) {
        String from = config.optional("collateral").orElse("none");
        Optional<URI> kds = config.optionalUrl("collateral.kds");
        Optional<URI> rims = config.optionalUrl("collateral.rims");
        if (from.equals("none")) {
            return Optional.empty();
        }
        CollateralSettings intel = from.equals("makers") ? CollateralSettings.MAKERS : CollateralSettings.MAKERS.withPccs(ConfigFile.url("collateral", from, "http", "https"));
        CollateralSettings cpus = kds.map(intel::withKds).orElse(intel);
        return Optional.of(rims.map(cpus::withRims).orElse(cpus));
    }
}
