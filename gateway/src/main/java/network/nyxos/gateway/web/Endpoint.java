package network.nyxos.gateway.web;

import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;

/// One method of one path.
///
/// @param method  GET or POST
/// @param path    as Helidon writes patterns
/// @param handler what answers
record Endpoint(Method method, String path, Handler handler) {
    static Endpoint get(String path, Handler handler) {
        return new Endpoint(Method.GET, path, handler);
    }

    static Endpoint post(String path, Handler handler) {
        return new Endpoint(Method.POST, path, handler);
    }
}
