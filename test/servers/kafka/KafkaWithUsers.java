import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A Kafka broker with its own admin client, in one process. Users are set over HTTP: PUT /NAME with the password as body, DELETE /NAME; GET / answers when
 * the broker does. Arguments: the broker's properties, the port of its listener for the admin client, the port for HTTP.
 */
public final class KafkaWithUsers {
  private static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_512;

  public static void main(String[] args) throws Exception {
    String properties = args[0];
    String[] format = {"format", "--cluster-id", "AAAAAAAAAAAAAAAAAAAAAA", "--config", properties};
    if (kafka.tools.StorageTool.execute(format, System.err) != 0) System.exit(1);
    new Thread(() -> kafka.Kafka.main(new String[] {properties}), "broker").start();

    Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + args[1]));
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[2]));
    HttpServer http = HttpServer.create(address, 0);
    http.createContext("/", exchange -> answer(exchange, admin));
    http.start();
  }

  private static void answer(HttpExchange exchange, Admin admin) throws IOException {
    byte[] problem = {};
    try {
      String user = exchange.getRequestURI().getPath().substring(1);
      byte[] password = exchange.getRequestBody().readAllBytes();
      var credential = new ScramCredentialInfo(MECHANISM, 4096);
      switch (exchange.getRequestMethod()) {
        case "PUT" -> alter(admin, new UserScramCredentialUpsertion(user, credential, password));
        case "DELETE" -> alter(admin, new UserScramCredentialDeletion(user, MECHANISM));
        default -> admin.describeCluster().controller().get();
      }
    } catch (Exception error) {
      problem = String.valueOf(error).getBytes(StandardCharsets.UTF_8);
    }
    exchange.sendResponseHeaders(problem.length == 0 ? 204 : 500, problem.length == 0 ? -1 : problem.length);
    exchange.getResponseBody().write(problem);
    exchange.close();
  }

  private static void alter(Admin admin, UserScramCredentialAlteration change) throws Exception {
    admin.alterUserScramCredentials(List.of(change)).all().get();
  }
}
