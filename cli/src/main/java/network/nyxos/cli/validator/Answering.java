package network.nyxos.cli.validator;

import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** What an operator does with a validator that is registered; --wallet is the operator's. */
abstract class Answering extends Sending {

    @Option(names = "--validator", paramLabel = "KEY", required = true, description = "The validator's key.")
    private String validator;

    @Override
    protected final void run(ChainSession chain) {
        PublicKey key = Attachment.key("--validator", validator);
        Keypair operator = wallet();
        Standing standing = Standing.of(chain, key);
        if (!standing.account().operator().equals(operator.publicKey())) {
            throw new StackException("operator_other", "validator " + key + " is operated by " + standing.account().operator() + ", the wallet is " + operator.publicKey());
        }
        run(standing, operator);
    }

    /** Does it. */
    abstract void run(Standing validator, Keypair operator);
}
