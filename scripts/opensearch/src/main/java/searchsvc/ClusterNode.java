package searchsvc;

import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * One node of a cluster in a process of its own, so that it can be stopped alone.
 *
 * <p>Arguments: cluster name, node name, folder, HTTP port, transport port, the transport addresses
 * of all nodes and their names (comma-separated). Binds loopback only; ends with SIGTERM.
 */
public final class ClusterNode {
    private ClusterNode() {}

    public static void main(final String[] arguments) throws Exception {
        final String cluster = arguments[0];
        final String name = arguments[1];
        final String folder = arguments[2];
        final OpenSearchRunner runner = new OpenSearchRunner();
        runner.setMaxHttpPort(-1);
        runner.onBuild((number, settings) -> {
            settings.put("node.name", name);
            settings.put("network.host", "127.0.0.1");
            settings.put("http.port", arguments[3]);
            settings.put("transport.port", arguments[4]);
            settings.put("discovery.type", "zen");
            settings.putList("discovery.seed_hosts", arguments[5].split(","));
            settings.putList("cluster.initial_cluster_manager_nodes", arguments[6].split(","));
            settings.putList("node.roles", "cluster_manager", "data", "ingest");
            settings.put("action.destructive_requires_name", true);
            // A full disk of the machine that tests run on is not what they test.
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        final CountDownLatch end = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                runner.close();
            } catch (final Exception error) {
                error.printStackTrace();
            }
            end.countDown();
        }));
        runner.build("-clusterName", cluster, "-basePath", folder, "-numOfNode", "1");
        end.await();
    }
}
