package network.nyxos.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Which way the arrows go inside the gateway.
@AnalyzeClasses(packages = "network.nyxos.gateway", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule RULES_KNOW_NO_FRAMEWORK_AND_NO_SQL = noClasses()
        .that().resideInAnyPackage("..gateway.openai..", "..gateway.payment..", "..gateway.offer..", "..gateway.route..", "..gateway.job..", "..gateway.checkout..", "..gateway.discovery..", "..gateway.account..", "..gateway.credit..")
        .should().dependOnClassesThat().resideInAnyPackage("io.helidon..", "java.sql..", "..gateway.web..", "io.micrometer..");

    @ArchTest
    static final ArchRule CLIENTS_KNOW_NOTHING_OF_THE_SERVER = noClasses().that().resideInAPackage("..gateway.client..")
        .should().dependOnClassesThat().resideInAnyPackage("..gateway", "..gateway.openai..", "..gateway.payment..", "..gateway.offer..", "..gateway.route..", "..gateway.job..",
            "..gateway.checkout..", "..gateway.store..", "..gateway.link..", "..gateway.facilitator..", "..gateway.chain..", "..gateway.relay..", "..gateway.web..",
            "network.nyxos.chain..", "io.helidon..");

    @ArchTest
    static final ArchRule SQL_IS_IN_THE_STORE = noClasses().that().resideOutsideOfPackage("..gateway.store..").should().dependOnClassesThat().resideInAPackage("java.sql..");

    @ArchTest
    static final ArchRule STATES_AND_PRICES_STAND_ALONE = noClasses().that().resideInAnyPackage("..gateway.openai..", "..gateway.payment..", "..gateway.route..")
        .should().dependOnClassesThat().resideInAnyPackage("..gateway.store..", "..gateway.chain..", "..gateway.checkout..", "..gateway.link..", "..gateway.facilitator..");
}
