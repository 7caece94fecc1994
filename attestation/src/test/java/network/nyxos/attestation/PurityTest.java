package network.nyxos.attestation;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.io.File;
import java.time.Clock;
import java.time.Instant;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

@DisplayName("The attestation library")
class PurityTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("network.nyxos.attestation");

    @Test
    @DisplayName("opens no file and no socket, and knows no other module")
    void noInputOrOutput() {
        noClasses().should().dependOnClassesThat().resideInAnyPackage("java.net..", "java.nio.file..", "java.nio.channels..", "java.sql..")
                .orShould().dependOnClassesThat().areAssignableTo(File.class)
                .check(CLASSES);
        noClasses().should().dependOnClassesThat(DescribedPredicate.describe("are of another Nyxos module",
                c -> c.getPackageName().startsWith("network.nyxos.") && !c.getPackageName().startsWith("network.nyxos.attestation"))).check(CLASSES);
    }

    @Test
    @DisplayName("never reads the clock: time is an argument")
    void noClock() {
        noClasses().should().callMethod(Instant.class, "now")
                .orShould().dependOnClassesThat().areAssignableTo(Clock.class)
                .orShould().callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    @Test
    @DisplayName("verifies without knowing how development evidence is made")
    void verifierKnowsNoForge() {
        noClasses().that().resideOutsideOfPackage("network.nyxos.attestation.development..")
                .should().dependOnClassesThat().resideInAPackage("network.nyxos.attestation.development..")
                .check(CLASSES);
    }
}
