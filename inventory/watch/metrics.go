package watch

import "github.com/prometheus/client_golang/prometheus"

var (
	syncedMetric = prometheus.NewDesc("tlsward_inventory_synced",
		"1 if everything the cluster holds of a kind is in sight (so too if the cluster does not serve it), 0 if its facts are unknown.",
		[]string{"kind"}, nil)
	objectsMetric = prometheus.NewDesc("tlsward_inventory_objects",
		"Objects of a kind that the inventory holds.", []string{"kind"}, nil)
)

// Describe implements prometheus.Collector.
func (w *Watcher) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- syncedMetric
	descriptions <- objectsMetric
}

// Collect implements prometheus.Collector. What is not watched by choice has no metric: an alert on it would never end.
func (w *Watcher) Collect(metrics chan<- prometheus.Metric) {
	for _, k := range w.Kinds() {
		if !k.Watched {
			continue
		}
		synced := 0.0
		if k.Synced {
			synced = 1
		}
		metrics <- prometheus.MustNewConstMetric(syncedMetric, prometheus.GaugeValue, synced, k.GroupKind)
		metrics <- prometheus.MustNewConstMetric(objectsMetric, prometheus.GaugeValue, float64(k.Objects), k.GroupKind)
	}
}
