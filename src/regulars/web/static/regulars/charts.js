// Draws every [data-chart] from the JSON beside it: colours of the theme, number formats, table, CSV, PNG.
(() => {
  const drawn = new Map();
  // Parts of a picture that are no series of their own in the legend.
  const UNNAMED = ["band", "band-low", "places", "outline", "arrow"];
  const zh = document.documentElement.lang.startsWith("zh");
  // Tabler's colours may be nested variables or color-mix(); a canvas wants plain rgb.
  const probe = document.createElement("span");
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.hidden = true;
  document.body.append(probe);
  const css = (name) => {
    probe.style.color = `var(${name})`;
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`;
  };
  const font = () => getComputedStyle(document.body).fontFamily;
  const palette = () => ({
    accent: css("--tblr-primary"), text: css("--tblr-body-color"), quiet: css("--tblr-secondary"),
    line: css("--tblr-border-color"), ground: css("--tblr-bg-surface"),
    others: ["#8b93a7", "#c58f3d", "#7a6bb5", "#4a9ab5", "#b56b8a", "#6b8f71", "#a0785a"],
  });
  const plain = new Intl.NumberFormat(zh ? "zh-CN" : "en", { maximumFractionDigits: 2 });
  const short = new Intl.NumberFormat(zh ? "zh-CN" : "en", { notation: "compact", maximumFractionDigits: 1 });
  const words = (value, column, data, brief) => {
    if (value === null || value === undefined || value === "") return "–";
    if (typeof value !== "number") return String(value);
    if (column.kind === "percent") return `${plain.format(Math.round(value * 1000) / 10)}%`;
    const text = brief && Math.abs(value) >= 10000 ? short.format(value) : plain.format(value);
    return column.kind === "money" ? `${data.currency}${text}` : text;
  };
  const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const lines = (row, data) =>
    row.map((value, i) => (i ? `${escaped(data.columns[i].title)}: <b>${escaped(words(value, data.columns[i], data))}</b>`
      : `<b>${escaped(value)}</b>`)).join("<br>");

  const dressed = (series, data, c) => {
    const looks = {
      line: { smooth: false, showSymbol: data.rows.length < 16, symbolSize: 5, lineStyle: { width: 2.5 }, itemStyle: { color: c.accent }, z: 3 },
      second: { showSymbol: false, lineStyle: { width: 2, type: "dashed" } },
      "band-low": { stackStrategy: "all", lineStyle: { opacity: 0 }, showSymbol: false, silent: true, itemStyle: { opacity: 0 } },
      band: { stackStrategy: "all", lineStyle: { opacity: 0 }, showSymbol: false, silent: true, areaStyle: { color: c.quiet, opacity: 0.18 }, itemStyle: { color: c.quiet } },
      first: { itemStyle: { color: data.option.series.length > 1 ? c.quiet : c.accent, borderRadius: 3 }, barMaxWidth: 28 },
      bar: { itemStyle: { color: c.accent, borderRadius: 3 }, barMaxWidth: 28 },
      places: { itemStyle: { color: c.accent, opacity: 0.55 }, z: 4,
        label: { show: true, position: "top", color: c.text, formatter: (p) => p.value[p.value.length - 1] } },
      outline: { showSymbol: false, silent: true, lineStyle: { width: 1, color: c.quiet, opacity: 0.5 } },
      arrow: { showSymbol: false, silent: true, lineStyle: { width: 1, type: "dashed", color: c.quiet },
        endLabel: { show: true, formatter: "{a}", color: c.quiet, fontSize: 11 } },
      scatter: { itemStyle: { color: c.accent, opacity: 0.55 } },
      heatmap: { itemStyle: { borderColor: c.ground, borderWidth: 2 }, label: { show: true, fontSize: 11, formatter: (p) => `${Math.round(p.value[2] * 100)}` } },
      tree: { left: 8, right: "24%", top: 12, bottom: 12, symbol: "circle", symbolSize: (v) => (v === undefined ? 1 : 9), initialTreeDepth: -1,
        expandAndCollapse: false, roam: false, itemStyle: { color: c.accent, borderColor: c.accent }, lineStyle: { color: c.line, width: 1.2 },
        label: { color: c.text, position: "right", distance: 6, fontSize: 11, overflow: "truncate", width: 96 } },
      sankey: { lineStyle: { color: "source", opacity: 0.28 }, label: { color: c.text }, nodeGap: 14, emphasis: { focus: "adjacency" } },
    };
    const out = { ...series, ...looks[series.role] };
    if (series.markLine) {
      out.markLine = { ...series.markLine, symbol: "none", silent: true, lineStyle: { color: c.quiet, type: "dashed" },
        label: { formatter: "{b}", color: c.quiet, position: "insideEndTop" } };
    }
    if (["scatter", "places"].includes(series.role) && data.sized) {
      const most = Math.max(...series.data.map((d) => d[2] || 0), 1);
      out.symbolSize = (d) => 6 + 30 * Math.sqrt((d[2] || 0) / most);
    }
    delete out.role;
    return out;
  };
  const whiskers = (data, c) => ({
    type: "custom", name: "interval", silent: true, z: 5, itemStyle: { color: c.text },
    data: data.rows.map((row, i) => [i, row[data.intervals.low], row[data.intervals.high]]),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_params, api) => {
      if (Number.isNaN(api.value(1))) return null;
      const low = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)]);
      const style = { stroke: c.text, lineWidth: 1.2, opacity: 0.7 };
      const part = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
      return { type: "group", children: [part(low[0], low[1], high[0], high[1]), part(low[0] - 4, low[1], low[0] + 4, low[1]),
        part(high[0] - 4, high[1], high[0] + 4, high[1])] };
    },
  });
  const axis = (given, data, c) => {
    if (!given) return undefined;
    const { kind, ...rest } = given;
    const label = { color: c.quiet, hideOverlap: true };
    if (rest.type === "value") label.formatter = (v) => words(v, { kind }, data, true);
    return { ...rest, axisLabel: label, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false },
      splitLine: { show: rest.type === "value", lineStyle: { color: c.line, opacity: 0.6 } }, nameTextStyle: { color: c.quiet } };
  };
  const option = (data) => {
    const c = palette();
    const made = {
      animationDuration: 250, color: [c.accent, ...c.others], textStyle: { fontFamily: font(), color: c.text },
      grid: { left: 12, right: 20, top: 34, bottom: 34, containLabel: true },
      tooltip: { trigger: data.kind === "axis" ? "axis" : "item", confine: true, backgroundColor: c.ground, borderColor: c.line,
        textStyle: { color: c.text }, axisPointer: { type: "line", lineStyle: { color: c.line } } },
      ...data.option,
    };
    if (data.kind === "axis") {
      made.tooltip.formatter = (points) => lines(data.rows[points[0].dataIndex], data);
    } else {
      made.tooltip.formatter = (p) => {
        if (p.seriesType === "scatter") return lines(data.rows[p.dataIndex], data);
        if (p.seriesType === "tree") return p.name ? `${escaped(p.name)}: <b>${escaped(words(p.value, data.columns[2], data))}</b>` : "";
        if (p.seriesType === "heatmap") return `${escaped(data.rows[p.value[1]][0])} · ${p.value[0]}: <b>${Math.round(p.value[2] * 100)}%</b>`;
        return p.dataType === "edge" ? `${escaped(p.data.source)} → ${escaped(p.data.target)}: <b>${plain.format(p.value)}</b>`
          : `${escaped(p.name)}: <b>${plain.format(p.value)}</b>`;
      };
    }
    for (const side of ["xAxis", "yAxis"]) if (made[side]) made[side] = axis(made[side], data, c);
    if (made.visualMap) made.visualMap = { ...made.visualMap, inRange: { color: [c.ground, c.accent] } };
    made.series = made.series.map((s) => dressed(s, data, c));
    if (data.intervals) made.series.push(whiskers(data, c));
    if (data.option.series.filter((s) => !UNNAMED.includes(s.role)).length > 1) {
      made.legend = { top: 0, right: 0, textStyle: { color: c.quiet }, itemHeight: 8,
        data: data.option.series.filter((s) => !UNNAMED.includes(s.role)).map((s) => s.name) };
    }
    return made;
  };
  const draw = (box) => {
    const one = { chart: null, data: JSON.parse(document.getElementById(box.dataset.chart).textContent), box };
    drawn.set(box.id, one);
    // A box without a size (hidden behind its table, not laid out yet) is left alone: ECharts 6.1 fails on a flow of no width.
    new ResizeObserver(() => {
      if (!box.clientWidth || !box.clientHeight) return;
      if (one.chart) return one.chart.resize();
      one.chart = echarts.init(box, null, { renderer: "canvas" });
      one.chart.setOption(option(one.data));
    }).observe(box);
  };
  const all = (root) => root.querySelectorAll("[data-chart]").forEach((box) => drawn.get(box.id)?.box === box || draw(box));
  const table = (id) => {
    const { data } = drawn.get(id);
    const head = data.columns.map((c) => `<th class="${c.kind === "text" || c.kind === "day" ? "" : "text-end"}">${escaped(c.title)}</th>`);
    const body = data.rows.map((row) => `<tr>${row.map((v, i) =>
      `<td class="${typeof v === "number" ? "text-end figure" : ""}">${escaped(words(v, data.columns[i] || {}, { ...data, currency: "" }))}</td>`).join("")}</tr>`);
    return `<table class="table table-sm"><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  };
  const save = (href, name) => {
    const link = document.createElement("a");
    link.href = href;
    link.download = name;
    link.click();
  };
  const csv = ({ data }) => {
    const cell = (v) => (v === null || v === undefined ? "" : /[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v));
    const text = [data.columns.map((c) => c.title), ...data.rows].map((row) => row.map(cell).join(",")).join("\r\n");
    return URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart-table], [data-chart-csv], [data-chart-png]");
    if (!button) return;
    const { chartTable, chartCsv, chartPng } = button.dataset;
    if (chartTable) {
      const box = document.getElementById(`${chartTable}-table`);
      if (!box.innerHTML) box.innerHTML = table(chartTable);
      const shown = !box.classList.toggle("d-none");
      button.setAttribute("aria-expanded", shown);
      button.classList.toggle("active", shown);
      document.getElementById(chartTable).classList.toggle("d-none", shown);
    } else if (chartCsv) save(csv(drawn.get(chartCsv)), `${chartCsv}.csv`);
    else save(drawn.get(chartPng).chart.getDataURL({ pixelRatio: 2, backgroundColor: palette().ground }), `${chartPng}.png`);
  });
  document.addEventListener("theme", () => drawn.forEach(({ chart, data }) => chart?.setOption(option(data), true)));
  document.addEventListener("htmx:load", (event) => all(event.detail.elt));
  // For pages that solve again while a slider moves: replaces the figures of a chart in place.
  window.regularsChart = (id, data) => {
    const one = drawn.get(id);
    one.data = data;
    one.chart?.setOption(option(data), true);
  };
  all(document);
})();
