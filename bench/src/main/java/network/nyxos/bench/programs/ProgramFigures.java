package network.nyxos.bench.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Figure.Value;
import network.nyxos.localnet.LocalChain;

/** Compute units and bytes of every instruction under both token programs, as figures. */
public final class ProgramFigures {

    private ProgramFigures() {
    }

    /** Drives every instruction once under each token program. These figures do not depend on the machine. */
    public static List<Figure> measure() {
        Map<String, ComputeUnits.Cost> token = ComputeUnits.measure(LocalChain.TOKEN_PROGRAM);
        Map<String, ComputeUnits.Cost> token2022 = ComputeUnits.measure(LocalChain.TOKEN_2022_PROGRAM);
        if (!token.keySet().equals(token2022.keySet())) {
            throw new IllegalStateException("the two runs drove different instructions");
        }
        List<Figure> figures = new ArrayList<>();
        token.forEach((name, cost) -> {
            ComputeUnits.Cost other = token2022.get(name);
            figures.add(new Figure(name, List.of(new Value("SPL Token", cost.units(), "CU"), new Value("Token-2022", other.units(), "CU"),
                    new Value("transaction", Math.max(cost.bytes(), other.bytes()), "bytes")), "the whole transaction; finding an address costs some 350 CU a try and a run's addresses are random, so some move by such steps"));
        });
        return List.copyOf(figures);
    }
}
