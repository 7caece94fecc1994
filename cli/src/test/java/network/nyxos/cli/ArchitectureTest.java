package network.nyxos.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules, as the README draws them. */
@AnalyzeClasses(packages = "network.nyxos", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String[] SERVICES = {"..nyxos.node..", "..nyxos.gateway..", "..nyxos.relayer..", "..nyxos.indexer.."};

    @ArchTest
    static final ArchRule escrow_is_pure_and_knows_no_other_module = noClasses().that().resideInAPackage("network.nyxos.escrow..")
            .should().dependOnClassesThat().resideInAnyPackage("network.nyxos.attestation..", "network.nyxos.chain..", "network.nyxos.collateral..", "network.nyxos.node..",
                    "network.nyxos.gateway..", "network.nyxos.relayer..", "network.nyxos.indexer..", "network.nyxos.localnet..",
                    "network.nyxos.cli..", "java.net.http..", "java.sql..", "io.helidon..");

    @ArchTest
    static final ArchRule attestation_is_pure_and_knows_no_other_module = noClasses().that().resideInAPackage("network.nyxos.attestation..")
            .should().dependOnClassesThat().resideInAnyPackage("network.nyxos.escrow..", "network.nyxos.chain..", "network.nyxos.collateral..", "network.nyxos.node..",
                    "network.nyxos.gateway..", "network.nyxos.relayer..", "network.nyxos.indexer..", "network.nyxos.localnet..",
                    "network.nyxos.cli..", "java.net.http..", "java.sql..", "io.helidon..");

    @ArchTest
    static final ArchRule chain_knows_only_escrow = noClasses().that().resideInAPackage("network.nyxos.chain..")
            .should().dependOnClassesThat().resideInAnyPackage("network.nyxos.attestation..", "network.nyxos.collateral..", "network.nyxos.node..", "network.nyxos.gateway..",
                    "network.nyxos.relayer..", "network.nyxos.indexer..", "network.nyxos.localnet..", "network.nyxos.cli..");

    @ArchTest
    static final ArchRule collateral_knows_attestation_and_chain = noClasses().that().resideInAPackage("network.nyxos.collateral..")
            .should().dependOnClassesThat().resideInAnyPackage("network.nyxos.escrow..", "network.nyxos.node..", "network.nyxos.gateway..", "network.nyxos.relayer..",
                    "network.nyxos.indexer..", "network.nyxos.localnet..", "network.nyxos.cli..", "io.helidon..");

    @ArchTest
    static final ArchRule localnet_knows_nobody = noClasses().that().resideInAPackage("network.nyxos.localnet..")
            .should().dependOnClassesThat().resideInAnyPackage("network.nyxos.escrow..", "network.nyxos.attestation..", "network.nyxos.chain..", "network.nyxos.collateral..",
                    "network.nyxos.node..", "network.nyxos.gateway..", "network.nyxos.relayer..", "network.nyxos.indexer..", "network.nyxos.cli..");

    @ArchTest
    static final ArchRule node_knows_no_other_service = service("network.nyxos.node..", 0);

    @ArchTest
    static final ArchRule gateway_knows_no_other_service = service("network.nyxos.gateway..", 1);

    @ArchTest
    static final ArchRule relayer_knows_no_other_service = service("network.nyxos.relayer..", 2);

    @ArchTest
    static final ArchRule indexer_knows_no_other_service = service("network.nyxos.indexer..", 3);

    @ArchTest
    static final ArchRule rules_know_neither_framework_nor_sql = noClasses().that().resideInAnyPackage("..gate..", "..credit..", "..project..", "..route..")
            .and().resideInAPackage("network.nyxos..")
            .should().dependOnClassesThat().resideInAnyPackage("io.helidon..", "java.sql..", "javax.sql..", "org.postgresql..", "com.zaxxer..")
            .allowEmptyShould(true);

    private static ArchRule service(String own, int index) {
        var others = new java.util.ArrayList<String>();
        for (int i = 0; i < SERVICES.length; i++) {
            if (i != index) {
                others.add(SERVICES[i]);
            }
        }
        others.add("network.nyxos.localnet..");
        others.add("network.nyxos.cli..");
        return noClasses().that().resideInAPackage(own).should().dependOnClassesThat().resideInAnyPackage(others.toArray(String[]::new));
    }
}
