package network.nyxos.indexer.api;

/// A request that cannot be answered as asked.
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    ApiException(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    static ApiException notFound(String what) {
        return new ApiException(404, "not_found", what);
    }
}
