package network.nyxos.attestation.collateral;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("A TCB status")
class TcbStatusTest {
    @ParameterizedTest
    @CsvSource({
        "UP_TO_DATE, OUT_OF_DATE",
        "SW_HARDENING_NEEDED, OUT_OF_DATE",
        "CONFIGURATION_NEEDED, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "CONFIGURATION_AND_SW_HARDENING_NEEDED, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "OUT_OF_DATE, OUT_OF_DATE",
        "OUT_OF_DATE_CONFIGURATION_NEEDED, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "REVOKED, REVOKED",
    })
    @DisplayName("gets worse by an outdated component, revoked by a revoked one, never better")
    void merged(TcbStatus platform, TcbStatus withOutdated) {
        assertThat(platform.mergedWith(List.of(TcbStatus.UP_TO_DATE, TcbStatus.UP_TO_DATE))).isEqualTo(platform);
        assertThat(platform.mergedWith(List.of(TcbStatus.UP_TO_DATE, TcbStatus.OUT_OF_DATE))).isEqualTo(withOutdated);
        assertThat(platform.mergedWith(List.of(TcbStatus.OUT_OF_DATE, TcbStatus.REVOKED))).isEqualTo(TcbStatus.REVOKED);
    }

    @ParameterizedTest
    @CsvSource({
        "OUT_OF_DATE, UP_TO_DATE, TD_RELAUNCH_ADVISED",
        "OUT_OF_DATE, SW_HARDENING_NEEDED, TD_RELAUNCH_ADVISED",
        "OUT_OF_DATE, CONFIGURATION_NEEDED, TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED",
        "OUT_OF_DATE_CONFIGURATION_NEEDED, UP_TO_DATE, TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED",
        "OUT_OF_DATE_CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED, TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED",
        "OUT_OF_DATE, OUT_OF_DATE, OUT_OF_DATE",
        "UP_TO_DATE, OUT_OF_DATE, OUT_OF_DATE",
        "UP_TO_DATE, UP_TO_DATE, UP_TO_DATE",
        "UP_TO_DATE, REVOKED, REVOKED",
        "OUT_OF_DATE, REVOKED, REVOKED",
        "REVOKED, UP_TO_DATE, REVOKED",
    })
    @DisplayName("of a TD counts its launch and the module of now")
    void launchAndNow(TcbStatus launch, TcbStatus current, TcbStatus expected) {
        assertThat(launch.afterUpdateTo(current)).isEqualTo(expected);
    }

    @Test
    @DisplayName("can be accepted by a policy unless it is revoked or asks for another launch")
    void acceptable() {
        assertThat(List.of(TcbStatus.values())).filteredOn(status -> !status.acceptable())
                .containsExactly(TcbStatus.TD_RELAUNCH_ADVISED, TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, TcbStatus.REVOKED);
        assertThat(TcbStatus.published("uptodate")).isEmpty();
        assertThat(TcbStatus.published("TDRelaunchAdvised")).isEmpty();
    }
}
