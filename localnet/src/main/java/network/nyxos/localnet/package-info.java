/**
 * A Solana chain for development and tests, in one process: the real runtime behind the real interfaces.
 *
 * <p>What a request meets, in order:
 * <ol>
 * <li>{@link network.nyxos.localnet.LocalRpcServer} takes it over HTTP; {@code PubSubConnection} over WebSocket.
 * <li>{@code JsonRpc} reads the JSON-RPC envelope, {@code RpcParams} its parameters.
 * <li>{@code RpcMethods} answers it as an agave validator would; {@code PubSub} keeps subscriptions.
 * <li>{@link network.nyxos.localnet.LocalChain} does it, on one thread: slots, the window of valid blockhashes,
 *     duplicates, history, the faucet. {@code ChainLog} writes down what must outlive the process.
 * <li>{@code Svm} calls the native library ({@code localnet/native}: LiteSVM behind a C ABI), which
 *     {@code NativeLibrary} finds by the hash of its sources.
 * <li>{@code AccountJson}, {@code TransactionJson} and {@code ParsedInstruction} write the answer.
 * </ol>
 *
 * <p>Tests of other modules need two lines:
 * {@snippet :
 * LocalChain chain = LocalChain.start();
 * LocalRpcServer server = LocalRpcServer.start(chain, 0);
 * }
 *
 * <p>What differs from a validator is listed in {@code localnet/README.md}.
 */
package network.nyxos.localnet;
