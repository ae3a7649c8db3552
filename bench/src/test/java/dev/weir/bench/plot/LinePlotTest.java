package dev.weir.bench.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class LinePlotTest {
    private static final LinePlot PLOT = new LinePlot(
            "select-tps",
            "Rate & <more>",
            "clients",
            "tps",
            List.of("1", "8", "64"),
            List.of(
                    new LinePlot.Panel(
                            "simple",
                            List.of(
                                    new LinePlot.Line(
                                            "direct",
                                            0,
                                            List.of(
                                                    new LinePlot.Point(0, 0, 0, 0),
                                                    new LinePlot.Point(2, 500, 400, 1000))),
                                    new LinePlot.Line("Weir", 2, List.of(new LinePlot.Point(1, 1000, 900, 1000))))),
                    new LinePlot.Panel("extended", List.of())));

    @Test
    void isWellFormedAndNamesEachLineOnce() throws Exception {
        Document svg = parse(PLOT);
        assertThat(svg.getDocumentElement().getAttribute("viewBox")).startsWith("0 0 ");
        assertThat(texts(svg))
                .contains("Rate & <more>", "extended", "1", "8", "64", "1,000")
                .containsOnlyOnce("Weir");
    }

    @Test
    void valuesStandWhereTheAxisSays() throws Exception {
        NodeList paths = parse(PLOT).getElementsByTagName("path");
        // 220 high from 84 down: 0 at 304, the most, 1000, at 84; categories in the middle of thirds of 300 from 64 on
        assertThat(attributes(paths, "class", "line l0", "d")).contains("M114.0 304.0L314.0 194.0");
        assertThat(attributes(paths, "class", "spread l0", "d")).contains("M314.0 216.0V84.0");
    }

    @Test
    void scalesAreRoundAndReachTheMost() {
        assertThat(Scale.upTo(1000)).isEqualTo(new Scale(200, 5));
        assertThat(Scale.upTo(61_234).ticks()).endsWith(80_000.0).hasSize(5);
        assertThat(Scale.upTo(61_234).label(20_000)).isEqualTo("20,000");
        assertThat(Scale.upTo(0.7).label(0.2)).isEqualTo("0.2");
        assertThat(Scale.upTo(0).most()).isEqualTo(1);
        for (double most = 0.001; most < 1e7; most *= 1.37) {
            Scale scale = Scale.upTo(most);
            assertThat(scale.most()).isGreaterThanOrEqualTo(most * (1 - 1e-9)).isLessThan(most * 2.01);
            assertThat(scale.steps()).isBetween(1, 6);
        }
    }

    @Test
    void refusesALookThatThereIsNot() {
        assertThatThrownBy(() -> new LinePlot.Line("x", LinePlotSvg.LOOKS, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Document parse(LinePlot plot) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(plot.svg())));
    }

    private static List<String> texts(Document svg) {
        NodeList texts = svg.getElementsByTagName("text");
        return IntStream.range(0, texts.getLength())
                .mapToObj(i -> texts.item(i).getTextContent())
                .toList();
    }

    private static List<String> attributes(NodeList elements, String attribute, String value, String wanted) {
        return IntStream.range(0, elements.getLength())
                .mapToObj(i -> (Element) elements.item(i))
                .filter(element -> element.getAttribute(attribute).equals(value))
                .map(element -> element.getAttribute(wanted))
                .toList();
    }
}
