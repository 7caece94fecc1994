package network.nyxos.bench.measure;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The machine that figures were taken on, without which they say nothing.
 *
 * @param cores that this process may use
 * @param cpu   the model's name
 * @param os    name and version
 * @param jdk   vendor and version
 * @param load  processes that wanted to run in the last minute, ours included; negative where the system does not say
 */
public record Machine(int cores, String cpu, String os, String jdk, double load) {

    /** This machine, now. */
    public static Machine here() {
        return new Machine(Runtime.getRuntime().availableProcessors(), cpuName(), System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.vendor") + " " + Runtime.version(), ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String cpuName() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            // Only Linux has this file; elsewhere the architecture is what the JDK can tell.
            return System.getProperty("os.arch");
        }
    }
}
