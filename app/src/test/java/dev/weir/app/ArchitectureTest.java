package dev.weir.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms, what each may import, and what has no place on a lane. A new room needs a line here. */
class ArchitectureTest {
    /** Rooms of ours that a room may use. {@code app} may use all, and nobody uses it. */
    private static final Map<String, Set<String>> ROOMS = Map.of(
            "wire", Set.of(),
            "sql", Set.of(),
            "tenants", Set.of(),
            "pool", Set.of("wire", "sql", "tenants"),
            "gateway", Set.of("wire", "sql", "tenants", "pool"),
            "testkit", Set.of("wire", "tenants"),
            "api", Set.of("tenants", "pool"),
            "app", Set.of("wire", "tenants", "pool", "gateway", "api"));

    private static final String[] DATA_PATH = {
        "dev.weir.wire..", "dev.weir.sql..", "dev.weir.pool..", "dev.weir.gateway.."
    };

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.weir");

    private static String[] packages(Stream<String> rooms) {
        return rooms.map(room -> "dev.weir." + room + "..").toArray(String[]::new);
    }

    @Test
    void everyRoomIsLookedAt() {
        Set<String> rooms = CLASSES.stream()
                .map(type -> type.getPackageName().split("\\.", -1))
                .map(parts -> parts.length < 3 ? "none" : parts[2])
                .collect(Collectors.toSet());
        assertThat(rooms).isEqualTo(ROOMS.keySet());
    }

    @Test
    void aRoomUsesOnlyThoseBelowIt() {
        ROOMS.forEach((room, below) -> noClasses()
                .that()
                .resideInAPackage("dev.weir." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages(
                        ROOMS.keySet().stream().filter(other -> !other.equals(room) && !below.contains(other))))
                .check(CLASSES));
    }

    @Test
    void wireKnowsNoSocket() {
        onlyUses(
                "wire",
                "io.netty.buffer..",
                "io.netty.util..",
                "com.ongres.scram..",
                "com.ongres.saslprep..",
                "com.ongres.stringprep..");
        onlyUses("tenants", "org.slf4j..");
        onlyUses("sql");
    }

    private static void onlyUses(String room, String... foreign) {
        String[] allowed = Stream.concat(
                        Arrays.stream(foreign),
                        Stream.of("dev.weir." + room + "..", "java..", "javax..", "org.jspecify.."))
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage("dev.weir." + room + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(CLASSES);
    }

    @Test
    void noRoomAndNoPartOfOneGoesInCircles() {
        slices().matching("dev.weir.(*)..").should().beFreeOfCycles().check(CLASSES);
        slices().matching("dev.weir.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void namesSayWhatThingsAre() {
        for (String name : List.of("common", "util", "utils", "helper", "helpers", "manager", "impl")) {
            noClasses().should().resideInAPackage("dev.weir.." + name + "..").check(CLASSES);
            noClasses()
                    .should()
                    .haveSimpleNameEndingWith(
                            name.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + name.substring(1))
                    .check(CLASSES);
        }
    }

    @Test
    void nothingOnTheDataPathLocks() {
        noClasses()
                .that()
                .resideInAnyPackage(DATA_PATH)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent.locks..")
                .check(CLASSES);
        noMethods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(DATA_PATH)
                .should()
                .haveModifier(JavaModifier.SYNCHRONIZED)
                .check(CLASSES);
    }

    /** Those who wait do it from outside: {@code Lanes} and {@code Gateway} are started and stopped by the main thread. */
    @Test
    void nothingOnTheDataPathWaits() {
        DescribedPredicate<JavaClass> onLanes = resideInAnyPackage(DATA_PATH)
                .and(DescribedPredicate.not(DescribedPredicate.describe(
                        "are Lanes or Gateway",
                        type -> Set.of("dev.weir.pool.Lanes", "dev.weir.gateway.Gateway")
                                .contains(type.getName().replaceAll("\\$.*", "")))));
        for (Class<?> future : List.of(Future.class, CompletableFuture.class, io.netty.util.concurrent.Future.class)) {
            for (String wait : List.of("get", "join", "await", "awaitUninterruptibly", "sync", "syncUninterruptibly")) {
                noClasses()
                        .that(onLanes)
                        .should()
                        .callMethodWhere(DescribedPredicate.describe(
                                future.getName() + "." + wait,
                                call -> call.getTarget().getName().equals(wait)
                                        && call.getTargetOwner().isAssignableTo(future)))
                        .check(CLASSES);
            }
        }
        noClasses()
                .that(onLanes)
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .check(CLASSES);
    }
}
